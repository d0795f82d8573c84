/**
 * The workers of a hunt or a frontier: started with the lock and the Redis that the command line names.
 */
import { existsSync } from 'node:fs'
import os from 'node:os'
import type { HuntParameters } from '../explore/base-plan.ts'
import type { WorkerCrew } from '../explore/node/crew.ts'
import { UsageError } from '../sim/usage-error.ts'
import type { HuntWorkerData } from './hunt-worker.ts'
import { UnavailableError } from './provider.ts'
import type { Settings } from './settings.ts'
import { isLockFile } from './subjects.ts'

/** A world of a simulated server that takes longer than this spins; with a paced one time passes for real. */
const SPIN_MS = 10_000
const PACED_SPIN_MS = 300_000
const MEMORY_MB = 1_024

/**
 * Starts workers that have loaded the lock.
 * @throws UsageError when there is no such file; UsageError and UnavailableError, as a worker had them
 */
export async function startCrewFor(lock: string, settings: Settings): Promise<WorkerCrew> {
  if (isLockFile(lock) && !existsSync(lock)) {
    throw new UsageError(lock, 'there is no such file', `it is looked for from ${process.cwd()}`)
  }
  const { startCrew } = await import('../explore/node/crew.ts')
  const { redis, redisBinary, image, only } = settings
  const data: HuntWorkerData = { lock, only, choice: { redis, redisBinary, image }, parameters: parametersOf(settings) }
  const isPaced = redis.includes('://') || redis === 'container'
  try {
    return await startCrew({
      module: new URL(import.meta.resolve('./hunt-worker.js')),
      workerData: data,
      // A server that somebody else runs is one for all.
      size: settings.workers ?? (redis.includes('://') ? 1 : os.availableParallelism()),
      spinMs: isPaced ? PACED_SPIN_MS : SPIN_MS,
      memoryMb: MEMORY_MB,
    })
  } catch (error) {
    throw revived(error)
  }
}

const parametersOf = (settings: Settings): HuntParameters => ({
  seed: settings.seed,
  client: settings.client,
  clients: settings.clients,
  rounds: settings.rounds,
  ttlMs: settings.ttl,
  workUs: settings.work,
  retryUs: settings.retry,
  latency: settings.latency,
  isLossy: settings.lossy,
})

/** What a report says that its outcome does not know. */
export const contextOf = ({ opening }: WorkerCrew, { client, seed }: Settings) => ({
  subject: opening.subject.name,
  client,
  redis: opening.redis,
  redisKind: opening.redisKind,
  isDeterministic: opening.isDeterministic,
  seed,
  bases: opening.bases,
})

/** An error that came from a worker, as what it was there. */
export function revived(error: unknown): unknown {
  const { name, message, place, problem, fix } = error as Partial<UsageError>
  if (name === 'UsageError') {
    return new UsageError(place ?? '', problem ?? '', fix)
  }
  return name === 'UnavailableError' ? new UnavailableError(message) : error
}
