/**
 * What a scenario file may say. The zod schema checks it, fills in defaults, turns texts into numbers, and is
 * published as a JSON Schema for editors (`json-schema.ts`). The kinds of faults come from their registry.
 *
 * Does not check what needs two places of the file at once (unknown processes, exactly one kind): `load.ts` does.
 */
import { z } from 'zod'
import { PROPERTIES } from '../check/verdict.ts'
import type { Anchor, FaultKind } from '../fault/fault.ts'
import { durationOrZeroUs, durationUs, rangeUs, wholeNumber } from '../fault/settings.ts'
import { expectedGot, shown } from '../sim/shown.ts'
import { writeUs } from '../sim/units.ts'
import { ANCHOR_EXPECTED, ANCHOR_PATTERN, describeAnchor, parseAnchor } from './anchor.ts'
import { nearHint } from './nearest.ts'

const text = (expected: string) => {
  const error = (issue: { readonly input?: unknown }) => expectedGot(expected, issue.input)
  return z.string({ error }).trim().min(1, { error })
}

/** Whole milliseconds, because that is what Redis takes. */
const ttl = durationUs.refine((us) => us % 1_000 === 0, { error: 'expected whole milliseconds, such as 1s or 1500ms' })

const anchorError = (issue: { readonly input?: unknown }) => expectedGot(ANCHOR_EXPECTED, issue.input)
const anchor = z
  .codec(z.string({ error: anchorError }), z.custom<Anchor>(), {
    decode: (value, context) => {
      const parsed = parseAnchor(value)
      if (parsed !== null) return parsed
      const message = anchorHint(value) ?? expectedGot(ANCHOR_EXPECTED, value)
      context.issues.push({ code: 'custom', message, input: value })
      return z.NEVER
    },
    encode: (value) => describeAnchor(value, writeUs),
  })
  .meta({ description: 'When the fault strikes: a time, or a moment in a process', pattern: ANCHOR_PATTERN.source })

/** `A after send 3` is nearly right: say what to write. */
function anchorHint(value: string): string | null {
  if (!/^\S+ after (send|reply|exec|answer)\b/.test(value)) return null
  const fix = value.replace(' after ', ' before ')
  return `expected "before", for messages have no "after", got ${shown(value)} (did you mean ${shown(fix)}?)`
}

const counter = z
  .strictObject({
    rounds: wholeNumber(1, 1_000).default(2).describe('How often each client takes the lock'),
    work: durationOrZeroUs.prefault('20ms').describe('How long it works between reading and writing'),
    retry: durationUs.prefault('10ms').describe('Pause between two attempts to take the lock'),
    'check-fence': z.boolean().default(false).describe('Whether the storage refuses writes with an old fencing token'),
    nested: z.boolean().default(false).describe('Whether a holder takes the lock once more while it has it'),
    bypasses: wholeNumber(0, 1_000)
      .optional()
      .describe('How often a waiter may be overtaken by a later comer; default: not judged'),
  })
  .describe('Each client takes the lock, reads a counter, works, and writes it plus one')

const cart = z
  .strictObject({
    requests: wholeNumber(1, 50).default(3).describe('Requests of one user that run at the same time'),
    work: durationOrZeroUs.prefault('20ms').describe('How long a request works between loading and saving'),
    logout: z.boolean().default(false).describe('Whether the user logs out while a request is running'),
  })
  .describe("Web servers load, change and save one user's session at the same time")

const cache = z
  .strictObject({
    reads: wholeNumber(1, 1_000).default(5).describe('How often each reader reads the value'),
    writes: wholeNumber(0, 1_000).default(2).describe('How often the writer, the last client, changes it'),
    work: durationOrZeroUs.prefault('20ms').describe('How long a reader needs to make the value after a miss'),
    retry: durationUs.prefault('10ms').describe('Pause between two attempts to take the lock'),
    every: durationUs.prefault('30ms').describe('Pause between two reads, or two writes'),
    keep: ttl.prefault('60s').describe('How long the cache keeps a value'),
    'writer-locks': z.boolean().default(false).describe('Whether the writer takes the lock too'),
    'check-generation': z
      .boolean()
      .default(false)
      .describe('Whether the cache refuses a value that was invalidated while it was being made'),
  })
  .describe('Readers look into the cache and fill it under the lock; a writer changes the database and invalidates')

const job = z
  .strictObject({
    ticks: wholeNumber(1, 1_000).default(3).describe('How often the job is due'),
    every: durationUs.prefault('1s').describe("From one tick to the next, by each scheduler's wall clock"),
    work: durationOrZeroUs.prefault('20ms').describe('How long the job takes'),
    'keep-lock': z.boolean().default(false).describe('Whether the lock is kept after the job until its lease ends'),
    'check-tick': z.boolean().default(false).describe('Whether the storage refuses a tick that it has seen'),
  })
  .describe('Schedulers run one job once a tick: whoever gets the lock runs it')

const propertyKinds = Object.fromEntries(
  PROPERTIES.map((name) => [name, z.enum(['definite', 'by-contract']).optional()]),
) as Record<
  (typeof PROPERTIES)[number],
  z.ZodOptional<z.ZodEnum<{ definite: 'definite'; 'by-contract': 'by-contract' }>>
>

const WORDS = ['valid', 'vacuous', 'unknown'] as const
const expectation = z.union([z.enum(WORDS), z.strictObject(propertyKinds).meta({ minProperties: 1 })], {
  error: ({ input }) =>
    expectedGot('valid, vacuous, unknown, or properties such as { mutual-exclusion: definite }', input) +
    nearHint(input, WORDS),
})
const mapping = (expected: string) => (issue: { readonly code?: string; readonly input?: unknown }) =>
  issue.code === 'invalid_type' ? expectedGot(expected, issue.input) : undefined
const expectations = z.record(z.string(), expectation, { error: mapping('verdicts such as { naive: valid }') })

/** One entry of `faults`: the kind as a key, and `at`. */
function faultSchema(kinds: readonly FaultKind[]) {
  const byKind: Record<string, z.ZodType> = {}
  for (const kind of kinds) {
    const schema: z.ZodType = kind.schema
    byKind[kind.name] = schema.describe(kind.summary).optional()
  }
  return z
    .strictObject(
      { ...byKind, at: anchor },
      { error: mapping('a fault such as { pause: { process: A, for: 2s }, at: 1s }') },
    )
    .meta({ minProperties: 2, maxProperties: 2 })
}

/** The schema of a scenario file, for these kinds of faults. */
export function scenarioSchema(kinds: readonly FaultKind[]) {
  return z
    .strictObject({
      title: text('a title in one line').describe('One line: what goes wrong'),
      story: text('a story: what happens, for the reader').describe('What happens, for the reader'),
      teaches: z.array(text('the number of a pitfall such as P22')).default([]).describe('Pitfalls it shows'),
      workload: z
        .strictObject(
          { counter: counter.optional(), cart: cart.optional(), cache: cache.optional(), job: job.optional() },
          { error: mapping('a workload such as { counter: { rounds: 2 } }') },
        )
        .meta({ minProperties: 1, maxProperties: 1, description: 'What the clients do' }),
      clients: wholeNumber(1, 50).default(3).describe('Number of clients; they are called A, B, C, …'),
      nodes: wholeNumber(1, 9)
        .default(1)
        .describe(
          'Number of independent Redis nodes, at least (a lock that needs more gets more): redis-1, redis-2, …',
        ),
      ttl: ttl.prefault('1s').describe('The lease, or how long a session lives when nobody uses it'),
      'head-start': durationOrZeroUs.prefault('0s').describe('How long before the others A begins'),
      stagger: durationOrZeroUs.prefault('0s').describe('How long after each other the clients behind A begin'),
      latency: rangeUs.prefault('200us..900us').describe('One way, between any two machines'),
      runs: wholeNumber(1, 100_000).default(10).describe('Worlds for each lock'),
      settle: durationUs.optional().describe('How long after the last fault all must have settled; default 3 × ttl'),
      order: z
        .array(wholeNumber(0, 49))
        .max(1_000)
        .optional()
        .describe(
          'Clients begin at once; whenever messages of several clients reach a server together, which of them is first',
        ),
      faults: z.array(faultSchema(kinds)).max(100).default([]).describe('What goes wrong, and when'),
      subjects: z.enum(['all', 'named']).default('all').describe('named: only those that `expect` names'),
      expect: expectations
        .default({})
        .describe('For each lock: valid, vacuous, unknown, or exactly the properties it violates'),
      'expect-direct': expectations.default({}).describe('What differs from `expect` with --client direct'),
    })
    .meta({ title: 'lockstorm scenario' })
}

/** A scenario file as read: texts are numbers, defaults are there. */
export type ScenarioFile = z.output<ReturnType<typeof scenarioSchema>>
