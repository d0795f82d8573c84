/**
 * What workers are started for, as the settings of the command line say.
 */
import type { CrewLimits, HuntCrew } from '../engine/crew.ts'
import type { HuntJob, SuiteJob } from '../engine/job.ts'
import type { ProviderChoice } from '../engine/provider.ts'
import type { HuntContext } from '../report/hunt/hunt-report.ts'
import type { Settings } from './settings.ts'

/** Which Redis answers. */
const choiceOf = ({ redis, redisBinary, image }: Settings): ProviderChoice => ({ redis, redisBinary, image })

/** How many workers. */
export const limitsOf = ({ workers }: Settings): CrewLimits => ({ workers })

/** Scenarios against subjects. */
export const suiteJob = (words: readonly string[], settings: Settings): SuiteJob => ({
  kind: 'suite',
  words,
  lockFiles: settings.lock,
  only: settings.only,
  choice: choiceOf(settings),
  seed: settings.seed,
  client: settings.client,
  runs: settings.runs,
})

/** Storms against one lock: a file or the name of a built-in one. */
export const huntJob = (lock: string, settings: Settings): HuntJob => ({
  kind: 'hunt',
  lock,
  only: settings.only,
  choice: choiceOf(settings),
  parameters: {
    seed: settings.seed,
    client: settings.client,
    clients: settings.clients,
    rounds: settings.rounds,
    ttlMs: settings.ttl,
    workUs: settings.work,
    retryUs: settings.retry,
    latency: settings.latency,
    isLossy: settings.lossy,
  },
})

/** What a report says that its outcome does not know. */
export const contextOf = ({ opening }: HuntCrew, { client, seed }: Settings): HuntContext => ({
  subject: opening.subject.name,
  client,
  redis: opening.redis,
  redisKind: opening.redisKind,
  isDeterministic: opening.isDeterministic,
  seed,
  bases: opening.bases,
})
