/**
 * Replay files: one storm and what it showed, readable and diffable, for people to commit as a regression test.
 *
 * Invariants
 * - It holds data: names, a plan in the words of scenario files, texts. Nothing in it is run or opened.
 * - The same counterexample gives the same bytes.
 */
import * as z from 'zod'
import { type FindingName, keyOf } from '../check/rank.ts'
import { PROPERTIES } from '../check/verdict.ts'
import { type DataFormat, readJsonData } from '../scenario/json-data.ts'
import { type WrittenPlan, writePlan } from '../scenario/plan-file.ts'
import { UsageError } from '../sim/usage-error.ts'
import { ENGINE_VERSION } from '../world/engine-version.ts'
import type { ClientKind, Plan } from '../world/plan.ts'
import { readPlan } from './storm-text.ts'

export const REPLAY_SCHEMA = 'lockstorm/replay@1'
/** No storm that people read is longer. */
const LENGTH_MAX = 1_000_000

export interface ReplayFile {
  readonly schema: typeof REPLAY_SCHEMA
  readonly engine: string
  /** The lock or session store. */
  readonly subject: string
  readonly client: ClientKind
  readonly redis: string
  readonly seed: string
  readonly storm: WrittenPlan
  /** The finding that it shows, and is green without. */
  readonly violation: FindingName & { readonly sentence: string }
  readonly historyHash: string
  /** A digest of the lock file, so that another history of the same code is noticed; empty for built-in subjects. */
  readonly source: string
  /** The lock file, as it was named then: for people, who name it again with `--lock`. Empty for built-in subjects. */
  readonly file: string
}

const SCHEMA = z.object({
  schema: z.string(),
  engine: z.string(),
  subject: z.string().min(1),
  client: z.string(),
  redis: z.string(),
  seed: z.string(),
  storm: z.record(z.string(), z.unknown()),
  violation: z.object({
    property: z.enum(PROPERTIES),
    kind: z.enum(['bug', 'limit']),
    cause: z.string().default(''),
    sentence: z.string(),
  }),
  historyHash: z.string(),
  source: z.string().default(''),
  file: z.string().max(4_096).default(''),
})

const FORMAT: DataFormat<typeof SCHEMA> = {
  name: REPLAY_SCHEMA,
  schema: SCHEMA,
  lengthMax: LENGTH_MAX,
  fix: 'a hunt writes replay files',
}

/** The text of a replay file. */
export function writeReplay(
  plan: Plan,
  told: Omit<ReplayFile, 'schema' | 'engine' | 'client' | 'seed' | 'storm'>,
): string {
  const file: Omit<ReplayFile, 'file'> & Partial<Pick<ReplayFile, 'file'>> = {
    schema: REPLAY_SCHEMA,
    engine: ENGINE_VERSION,
    subject: told.subject,
    client: plan.client,
    redis: told.redis,
    seed: plan.seed,
    storm: writePlan(plan),
    violation: told.violation,
    historyHash: told.historyHash,
    source: told.source,
    ...(told.file === '' ? {} : { file: told.file }),
  }
  return `${JSON.stringify(file, null, 2)}\n`
}

/**
 * Reads a replay file.
 * @param path as the user wrote it
 * @param isOfAnyEngine a storm of another engine is read, too: it is as good a storm, but gives another history
 * @throws UsageError when it is broken, something else, or of another engine
 */
export function readReplay(
  text: string,
  path: string,
  isOfAnyEngine = false,
): { readonly file: ReplayFile; readonly plan: Plan } {
  const file = readJsonData(text, path, FORMAT, ({ engine }) => {
    if (engine === ENGINE_VERSION || isOfAnyEngine) return
    throw new UsageError(
      path,
      `it was made by engine ${JSON.stringify(engine)}, this is engine ${ENGINE_VERSION}: the same storm gives another history`,
      'replay it with the version of lockstorm that made it, or hunt again',
    )
  }) as unknown as ReplayFile
  return { file, plan: readPlan(file.storm, path, file.seed, file.client) }
}

/** Whether one of these findings, told by their keys, is the one that a replay file is about. */
export function isShown({ violation }: ReplayFile, keys: readonly string[]): boolean {
  const { property, kind, cause } = violation
  // Files of earlier versions do not say the cause.
  return keys.some((key) => (cause === '' ? key.startsWith(`${property} · ${kind} · `) : key === keyOf(violation)))
}
