/**
 * The modules of which all simulated processes use one instance, the host's: Node's own, which the world has made virtual where
 * that matters; lockstorm; the Redis clients, which keep nothing in module variables that two machines could not share,
 * and are so large that evaluating them would cost more than the world (`test/host/shared.test.ts` holds both ways to the same
 * history); and reflect-metadata, which adds itself to the one `Reflect` that there is, and would be there once more for each
 * process. What it keeps it keeps by the class, and each process has classes of its own.
 */
import path from 'node:path'
import { watchClient } from '../built-ins.ts'
import { asOurselves, realRequire } from '../door.ts'
import { packageOf } from './package.ts'

export type Shared =
  | { readonly kind: 'builtin'; readonly exports: object }
  | { readonly kind: 'shared'; readonly exports: object }

const PACKAGES = /^(ioredis|iovalkey|redis|@redis\/.+|reflect-metadata)$/
const given = new Map<string, Shared>()

/** Makes a module available to all simulated processes under this name, whatever is installed. */
export function shareModule(name: string, exports: object): void {
  given.set(name, { kind: 'shared', exports })
}

/** What was given under this name; null: it has to be found. */
export const sharedModule = (name: string): Shared | null => given.get(name) ?? null

/** The host's instance of a file that is shared; null: each process has its own. */
export function sharedFile(file: string): Shared | null {
  const { name } = packageOf(path.dirname(file))
  if (!PACKAGES.test(name) || !/\.c?js$/.test(file)) return null
  const exports = asOurselves(() => realRequire(file)(file) as object)
  if (name !== 'reflect-metadata') watchClient(exports, name)
  return { kind: 'shared', exports }
}
