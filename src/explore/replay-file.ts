/**
 * Replay files: one storm and what it showed, readable and diffable, for people to commit as a regression test.
 *
 * Invariants
 * - It holds data: names, a plan in the words of scenario files, texts. Nothing in it is run or opened.
 * - The same counterexample gives the same bytes.
 */
import { z } from 'zod'
import type { PropertyName, ViolationKind } from '../check/verdict.ts'
import { PROPERTIES } from '../check/verdict.ts'
import { complaintWords } from '../scenario/complaint.ts'
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
  readonly violation: { readonly property: PropertyName; readonly kind: ViolationKind; readonly sentence: string }
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
    sentence: z.string(),
  }),
  historyHash: z.string(),
  source: z.string().default(''),
  file: z.string().max(4_096).default(''),
})

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
 * @throws UsageError when it is broken, something else, or of another engine
 */
export function readReplay(text: string, path: string): { readonly file: ReplayFile; readonly plan: Plan } {
  if (text.length > LENGTH_MAX)
    throw new UsageError(path, `expected at most ${LENGTH_MAX} characters, got ${text.length}`)
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch (error) {
    throw new UsageError(path, `it is no JSON: ${(error as Error).message}`, 'a hunt writes replay files', {
      cause: error,
    })
  }
  const { schema, engine } = (data ?? {}) as { readonly schema?: unknown; readonly engine?: unknown }
  if (schema !== REPLAY_SCHEMA) {
    throw new UsageError(path, `expected "schema": "${REPLAY_SCHEMA}", got ${JSON.stringify(schema) ?? 'nothing'}`)
  }
  if (engine !== ENGINE_VERSION) {
    throw new UsageError(
      path,
      `it was made by engine ${JSON.stringify(engine)}, this is engine ${ENGINE_VERSION}: the same storm gives another history`,
      'replay it with the version of lockstorm that made it, or hunt again',
    )
  }
  const result = SCHEMA.safeParse(data, { error: complaintWords })
  if (!result.success) {
    const [issue] = result.error.issues
    throw new UsageError(path, `${issue?.path.map(String).join('.')}: ${issue?.message}`)
  }
  const file = result.data as unknown as ReplayFile
  return { file, plan: readPlan(file.storm, path, file.seed, file.client) }
}
