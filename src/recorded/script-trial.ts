/**
 * What a script would have done to a key: run in a server of its own that holds nothing but the key. It says whether a script that
 * deletes or prolongs a lock asks first whose it is.
 */
import { createHash } from 'node:crypto'
import { MemoryRedis } from '../redis/memory-redis.ts'
import { isError } from '../redis/reply.ts'
import { loadLuaEngine } from '../redis/script/node/load.ts'
import { EVERY_FEATURE } from '../redis/version.ts'
import type { Unit } from './unit.ts'

/** Texts are kept of at most this many scripts; each is tried at most this often. */
const SCRIPTS_MAX = 500
const TRIALS_MAX = 200

export class ScriptTexts {
  readonly #bySha = new Map<string, string>()
  readonly #shas = new Map<string, string>()
  readonly #trials = new Map<string, number>()

  /** EVAL and SCRIPT LOAD tell a text. */
  add(text: string): void {
    if (this.#shas.has(text) || this.#shas.size >= SCRIPTS_MAX) return
    const sha = createHash('sha1').update(Buffer.from(text, 'latin1')).digest('hex')
    this.#bySha.set(sha, text)
    this.#shas.set(text, sha)
  }

  /** What is called by `EVAL text …` or `EVALSHA sha …`; null: the recording does not hold it. */
  textOf(args: readonly string[]): string | null {
    const isSha = /^evalsha/i.test(args[0] as string)
    if (isSha) return this.#bySha.get((args[1] ?? '').toLowerCase()) ?? null
    return /^eval/i.test(args[0] as string) ? (args[1] ?? null) : null
  }

  /** By what a key is taken or asked for: the same for EVAL and EVALSHA of one script, the name of a function, or a plain command. */
  identity({ outer, isScript }: Unit): string {
    if (outer === null) return ''
    if (!isScript) return 'command'
    const name = outer[1] ?? ''
    return `script ${/^eval(_ro)?$/i.test(outer[0] as string) ? (this.#shas.get(name) ?? '') : name.toLowerCase()}`
  }

  /**
   * Whether a script that changes a key asks whose it is: it leaves the key alone when `token` is in it, and changes it when one of
   * `shown`, the tokens of its call, is. Null: not known.
   */
  asksFor(args: readonly string[], key: KeyWith, shown: readonly string[]): boolean | null {
    const changes = this.#changes(args, key)
    if (changes !== false) return changes === null ? null : false
    return shown.slice(0, 4).some((token) => this.#changes(args, { ...key, token }) === true) ? true : null
  }

  /** Whether the script changes the key; null: it fails, or its text is not known. */
  #changes(args: readonly string[], { key, token, isHash }: KeyWith): boolean | null {
    const text = this.textOf(args)
    if (text === null) return null
    const trials = this.#trials.get(text) ?? 0
    if (trials >= TRIALS_MAX) return null
    this.#trials.set(text, trials + 1)
    const redis = new MemoryRedis({ nowUs: () => 0, scripts: loadLuaEngine(), features: EVERY_FEATURE })
    let hasFailed = false
    const connection = redis.connect({
      onReply: (reply) => {
        hasFailed = isError(reply)
      },
    })
    connection.execute(isHash ? ['HSET', key, token, '1'] : ['SET', key, token])
    connection.execute(['PEXPIREAT', key, '1000000'])
    const before = JSON.stringify(redis.observe(key))
    connection.execute(['EVAL', text, ...args.slice(2)])
    // A script that fails here need not have failed there.
    if (hasFailed || redis.busyScript !== null) return null
    return JSON.stringify(redis.observe(key)) !== before
  }
}

/** A key, and the token in it: of a hash its field. */
export interface KeyWith {
  readonly key: string
  readonly token: string
  readonly isHash: boolean
}
