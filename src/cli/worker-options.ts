/** What the verbs start their workers with, and what came of those that could not begin. */
import { existsSync } from 'node:fs'
import os from 'node:os'
import { UsageError } from '../sim/usage-error.ts'
import type { PoolOptions } from '../worker/node/worker-pool.ts'
import { type ProviderChoice, UnavailableError } from './provider.ts'
import type { Settings } from './settings.ts'
import { isLockFile } from './subjects.ts'

/** A world of a simulated server that takes longer than this spins; with a paced one time passes for real. */
const SPIN_MS = 10_000
const PACED_SPIN_MS = 300_000
const MEMORY_MB = 1_024

/** Which Redis a worker uses. */
export const choiceOf = ({ redis, redisBinary, image }: Settings): ProviderChoice => ({ redis, redisBinary, image })

/** How many workers, and what each may use. */
export function limitsOf({ redis, workers }: Settings): Pick<PoolOptions, 'size' | 'spinMs' | 'memoryMb'> {
  const isUrl = redis.includes('://')
  return {
    // A server that somebody else runs is one for all.
    size: workers ?? (isUrl ? 1 : os.availableParallelism()),
    spinMs: isUrl || redis === 'container' ? PACED_SPIN_MS : SPIN_MS,
    memoryMb: MEMORY_MB,
  }
}

/** @throws UsageError when there is no such lock file */
export function checkLockFile(word: string): void {
  if (!isLockFile(word) || existsSync(word)) return
  throw new UsageError(word, 'there is no such file', `it is looked for from ${process.cwd()}`)
}

/** An error that came from a worker, as what it was there. */
export function revived(error: unknown): unknown {
  const { name, message, place, problem, fix } = error as Partial<UsageError>
  if (name === 'UsageError') {
    return new UsageError(place ?? '', problem ?? '', fix)
  }
  return name === 'UnavailableError' ? new UnavailableError(message) : error
}
