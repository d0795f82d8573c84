/**
 * What `lockstorm replay` is asked to run again: a world of a scenario or of a hunt, named by a token, or a replay file.
 */
import type { ReplayFile } from '../explore/replay-file.ts'
import type { RedisVersion } from '../redis/version.ts'
import { loadScenarios, scenarioNames } from '../scenario/node/find-scenarios.ts'
import { readNamed } from '../scenario/node/named-file.ts'
import { onVersion, planOfWorld } from '../scenario/scenario.ts'
import {
  checkPlan,
  decodeToken,
  encodeStormToken,
  encodeToken,
  type StormTokenParts,
  type TokenParts,
} from '../scenario/token.ts'
import { shown } from '../sim/shown.ts'
import { UsageError } from '../sim/usage-error.ts'
import type { Subject } from '../subject/subject.ts'
import type { Plan } from '../world/plan.ts'
import { vocabularyOf } from './subjects.ts'

/** One world to be run again. */
export interface ReplaySource {
  /** Names it. */
  readonly token: string
  readonly subject: string
  /** What answered: `memory`, `server`, … */
  readonly redis: string
  /** Where it comes from, in words: `no-fault · world 3 of seed 1`. */
  readonly words: string
  /** What a replay file recorded; null: a token records no history. */
  readonly recorded: ReplayFile | null
  /** False: another version of Redis was asked for than it had. */
  readonly isAsItWas: boolean
  /** The plan, when the subjects are known that scenarios may speak of. */
  plan(subjects: readonly Subject[]): Plan
}

/**
 * What the words name.
 * @param word a token or the path of a replay file
 * @param files scenario files, for a token of a scenario that did not come with lockstorm
 * @param asked the version of Redis that it is to run on; missing: the one that it had
 * @throws UsageError
 */
export async function replaySource(
  word: string,
  files: readonly string[],
  asked?: RedisVersion,
): Promise<ReplaySource> {
  if (/\.json$/.test(word)) return fromFile(word, files, asked)
  const parts = decodeToken(word)
  return 'storm' in parts ? fromStorm(parts, files, asked) : fromScenario(parts, files, asked)
}

async function fromFile(path: string, files: readonly string[], asked?: RedisVersion): Promise<ReplaySource> {
  noFiles(files)
  const [{ readReplay }, { stormText }] = await Promise.all([
    import('../explore/replay-file.ts'),
    import('../explore/storm-text.ts'),
  ])
  const { file, plan: itsPlan } = readReplay(readNamed(path), path)
  const plan = onVersion(itsPlan, asked)
  const { subject, client, redis, seed } = file
  return {
    token: encodeStormToken({ storm: stormText(plan), subject, client, redis, seed }),
    subject,
    redis,
    words: path,
    recorded: file,
    isAsItWas: plan.redisVersion === itsPlan.redisVersion,
    plan: () => plan,
  }
}

async function fromStorm(
  parts: StormTokenParts,
  files: readonly string[],
  asked?: RedisVersion,
): Promise<ReplaySource> {
  noFiles(files)
  const { readStorm, stormText } = await import('../explore/storm-text.ts')
  const itsPlan = readStorm(parts.storm, parts.seed, parts.client)
  const plan = onVersion(itsPlan, asked)
  const isAsItWas = plan.redisVersion === itsPlan.redisVersion
  const token = encodeStormToken(isAsItWas ? parts : { ...parts, storm: stormText(plan) })
  const { subject, redis, seed } = parts
  const words = `a storm of a hunt · seed ${seed}`
  return { token, subject, redis, words, recorded: null, isAsItWas, plan: () => plan }
}

function fromScenario(itsParts: TokenParts, files: readonly string[], asked?: RedisVersion): ReplaySource {
  const parts = asked === undefined ? itsParts : { ...itsParts, redisVersion: asked }
  return {
    token: encodeToken(parts),
    subject: parts.subject,
    redis: parts.redis,
    words: `${parts.scenario} · world ${parts.world + 1} of seed ${parts.seed}`,
    recorded: null,
    isAsItWas: parts.redisVersion === itsParts.redisVersion,
    plan(subjects) {
      if (files.length === 0 && !scenarioNames().includes(parts.scenario)) {
        throw new UsageError(
          'token',
          `it names the scenario ${shown(parts.scenario)}, which did not come with lockstorm`,
          'add its file: lockstorm replay L1.… my-scenario.yaml',
        )
      }
      const scenarios = loadScenarios(files.length === 0 ? [parts.scenario] : files, vocabularyOf(subjects))
      const scenario = scenarios.find(({ name }) => name === parts.scenario)
      if (scenario === undefined) {
        const given = scenarios.map(({ name }) => name).join(', ')
        throw new UsageError('token', `it names the scenario ${shown(parts.scenario)}, and the file is ${given}`)
      }
      const subject = subjects.find(({ name }) => name === parts.subject)
      if (subject !== undefined) checkPlan(parts, scenario, subject)
      return planOfWorld(scenario, parts.seed, parts.world, parts.client, parts.redisVersion)
    },
  }
}

function noFiles(files: readonly string[]): void {
  const [file] = files
  if (file !== undefined) throw new UsageError(file, 'a storm of a hunt needs no scenario file', 'leave it out')
}
