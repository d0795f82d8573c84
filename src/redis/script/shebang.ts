/**
 * The first line of a script that begins with `#!`: which engine runs it, and what the script promises.
 *
 * Source: https://redis.io/docs/latest/develop/interact/programmability/lua-api/#script_flags, eval.c
 * (`evalExtractShebangFlags`) of Redis 7.0
 */
import { splitInline } from '../resp/inline-command.ts'

const FLAGS = ['no-writes', 'allow-oom', 'allow-stale', 'no-cluster', 'allow-cross-slot-keys'] as const
export type ScriptFlag = (typeof FLAGS)[number]

/** The flag of this name. */
export const scriptFlag = (name: string): ScriptFlag | undefined => FLAGS.find((known) => known === name)

export interface Shebang {
  /** null: no such line, so the script may do what scripts always could. */
  readonly flags: ReadonlySet<ScriptFlag> | null
  /** How many chars the line has; its newline stays, so that line numbers stay true. */
  readonly length: number
}

/** Reads the line, or says what is wrong with it, as EVAL and SCRIPT LOAD answer. */
export function parseShebang(source: string): Shebang | { readonly kind: 'error'; readonly text: string } {
  if (!source.startsWith('#!')) return { flags: null, length: 0 }
  const length = source.indexOf('\n')
  const refuse = (text: string) => ({ kind: 'error', text: `ERR ${text}` }) as const
  if (length === -1) return refuse('Invalid script shebang')
  const parts = splitInline(source.slice(0, length))
  if (parts === null || parts.length === 0) return refuse('Invalid engine in script shebang')
  const [engine, ...options] = parts
  if (engine !== '#!lua') return refuse(`Unexpected engine in script shebang: ${engine}`)
  const flags = new Set<ScriptFlag>()
  for (const option of options) {
    if (!option.startsWith('flags=')) return refuse(`Unknown lua shebang option: ${option}`)
    const names = option.slice('flags='.length)
    if (names === '') continue
    for (const name of names.split(',')) {
      const flag = scriptFlag(name)
      if (flag === undefined) return refuse(`Unexpected flag in script shebang: ${name}`)
      flags.add(flag)
    }
  }
  return { flags, length }
}
