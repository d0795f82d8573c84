/**
 * The workers of a hunt or a frontier: started with the lock and the Redis that the command line names.
 */
import type { HuntParameters } from '../explore/base-plan.ts'
import type { WorkerCrew } from '../explore/node/crew.ts'
import type { HuntWorkerData } from './hunt-worker.ts'
import type { Settings } from './settings.ts'
import { checkLockFile, choiceOf, limitsOf, revived } from './worker-options.ts'

/**
 * Starts workers that have loaded the lock.
 * @throws UsageError when there is no such file; UsageError and UnavailableError, as a worker had them
 */
export async function startCrewFor(lock: string, settings: Settings): Promise<WorkerCrew> {
  checkLockFile(lock)
  const { startCrew } = await import('../explore/node/crew.ts')
  const data: HuntWorkerData = {
    lock,
    only: settings.only,
    choice: choiceOf(settings),
    parameters: parametersOf(settings),
  }
  try {
    return await startCrew({
      module: new URL(import.meta.resolve('./hunt-worker.js')),
      workerData: data,
      ...limitsOf(settings),
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
