/**
 * What a scenario file may say. The zod schema checks it, fills in defaults, turns texts into numbers, and is
 * published as a JSON Schema for editors (`json-schema.ts`). The kinds of faults come from their registry.
 *
 * Does not check what needs two places of the file at once (unknown processes, exactly one kind): `load.ts` does.
 */
import * as z from 'zod'
import { PROPERTIES } from '../check/verdict.ts'
import type { Anchor, FaultKind } from '../fault/fault.ts'
import { durationOrZeroUs, durationUs, rangeUs, wholeMs, wholeNumber } from '../fault/settings.ts'
import { PERSISTENCE, SAVE_PATTERN } from '../redis/persistence/persistence.ts'
import { REDIS_VERSIONS, type RedisVersion, readRedisVersion } from '../redis/version.ts'
import { expectedGot, shown } from '../sim/shown.ts'
import { writeUs } from '../sim/units.ts'
import { WORKLOADS } from '../workload/registry.ts'
import type { Workload } from '../workload/workload.ts'
import { ANCHOR_EXPECTED, ANCHOR_PATTERN, describeAnchor, parseAnchor } from './anchor.ts'
import { nearHint } from './nearest.ts'

const text = (expected: string) => {
  const error = (issue: { readonly input?: unknown }) => expectedGot(expected, issue.input)
  return z.string({ error }).trim().min(1, { error })
}

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

const propertyKinds = Object.fromEntries(
  PROPERTIES.map((name) => [name, z.enum(['bug', 'limit']).optional()]),
) as Record<(typeof PROPERTIES)[number], z.ZodOptional<z.ZodEnum<{ bug: 'bug'; limit: 'limit' }>>>
const may = z
  .strictObject(propertyKinds)
  .meta({ minProperties: 1, description: 'What it may violate besides, as the seed has it' })

const WORDS = ['valid', 'vacuous', 'unknown'] as const
const expectation = z.union(
  [z.enum(WORDS), z.strictObject({ ...propertyKinds, may: may.optional() }).meta({ minProperties: 1 })],
  {
    error: ({ input }) =>
      expectedGot('valid, vacuous, unknown, or properties such as { mutual-exclusion: bug }', input) +
      nearHint(input, WORDS),
  },
)
const mapping = (expected: string) => (issue: { readonly code?: string; readonly input?: unknown }) =>
  issue.code === 'invalid_type' ? expectedGot(expected, issue.input) : undefined
const expectations = z.record(z.string(), expectation, { error: mapping('verdicts such as { naive: valid }') })

const TAG_PATTERN = /^[A-Za-z0-9][A-Za-z0-9_-]*$/
const tagError = (issue: { readonly input?: unknown }) =>
  expectedGot('a tag of letters, digits, "-" and "_"', issue.input)

const topologyError = mapping('a topology such as { kind: replicated, replicas: 1 }')
/** `topology`: what `nodes` cannot say. */
const replicatedTopology = z
  .strictObject(
    {
      kind: z.literal('replicated'),
      replicas: wholeNumber(1, 5).default(1).describe('They are called redis-2, redis-3, …; redis-1 is the primary'),
      'min-replicas-to-write': wholeNumber(0, 5).optional().describe('As in redis.conf; default 0'),
      'min-replicas-max-lag': wholeNumber(1, 3_600).optional().describe('Seconds, as in redis.conf; default 10'),
    },
    { error: topologyError },
  )
  .meta({ description: 'A primary with replicas, in place of nodes' })

const quorumTopology = z
  .strictObject(
    {
      kind: z.literal('independent'),
      nodes: wholeNumber(2, 9).default(3).describe('Primaries that know nothing of each other: redis-1, redis-2, …'),
      replicas: wholeNumber(1, 3)
        .default(1)
        .describe('Of each primary; they are called after all primaries, each in turn'),
      'min-replicas-to-write': wholeNumber(0, 3).optional().describe('As in redis.conf, for each primary; default 0'),
      'min-replicas-max-lag': wholeNumber(1, 3_600).optional().describe('Seconds, as in redis.conf; default 10'),
    },
    { error: topologyError },
  )
  .meta({ description: 'Independent primaries with replicas of their own, in place of nodes' })

const sentinelTopology = z
  .strictObject(
    {
      kind: z.literal('sentinel'),
      replicas: wholeNumber(1, 5)
        .default(2)
        .describe('They are called redis-2, redis-3, …; redis-1 is the first primary'),
      sentinels: wholeNumber(1, 9).default(3).describe('They are called sentinel-1, sentinel-2, …'),
      quorum: wholeNumber(1, 9).default(2).describe('How many must find the primary down'),
      'down-after': wholeMs.prefault('1s').describe('down-after-milliseconds'),
      'failover-timeout': wholeMs.prefault('10s').describe('As in sentinel.conf'),
      'parallel-syncs': wholeNumber(1, 5).optional().describe('As in sentinel.conf; default 1'),
      'replica-priorities': z
        .array(wholeNumber(0, 1_000))
        .max(5)
        .optional()
        .describe('replica-priority of redis-2, redis-3, …; default 100, of each'),
      name: text('a name such as mymaster').optional().describe('What clients call the primary; default mymaster'),
      'min-replicas-to-write': wholeNumber(0, 5).optional().describe('As in redis.conf; default 0'),
      'min-replicas-max-lag': wholeNumber(1, 3_600).optional().describe('Seconds, as in redis.conf; default 10'),
    },
    { error: topologyError },
  )
  .meta({ description: 'A primary with replicas and Sentinels, in place of nodes' })

const clusterTopology = z
  .strictObject(
    {
      kind: z.literal('cluster'),
      primaries: wholeNumber(1, 6)
        .default(3)
        .describe('They are called redis-1, redis-2, …, and share the hash slots evenly'),
      replicas: wholeNumber(0, 3)
        .default(1)
        .describe('Of each primary; they are called after all primaries, each in turn'),
      'node-timeout': wholeMs
        .prefault('1s')
        .describe('cluster-node-timeout: after that a node is suspected to have failed'),
      'min-replicas-to-write': wholeNumber(0, 3).optional().describe('As in redis.conf, for each primary; default 0'),
    },
    { error: topologyError },
  )
  .meta({ description: 'A Redis Cluster, in place of nodes' })

const keeperTopology = z
  .strictObject({ kind: z.literal('keeper') }, { error: topologyError })
  .meta({ description: 'No Redis: the coordination service keeper-1, for locks that ask one' })

const TOPOLOGY_KINDS = 'independent, replicated, sentinel, cluster or keeper'
const topology = z.discriminatedUnion(
  'kind',
  [quorumTopology, replicatedTopology, sentinelTopology, clusterTopology, keeperTopology],
  {
    error: (issue) =>
      issue.code === 'invalid_union'
        ? expectedGot(TOPOLOGY_KINDS, (issue.input as { readonly kind?: unknown } | undefined)?.kind)
        : topologyError(issue),
  },
)

const saveError = (issue: { readonly input?: unknown }) => expectedGot('save points such as "60 1"', issue.input)
const savePoints = z
  .string({ error: saveError })
  .regex(SAVE_PATTERN, { error: saveError })
  .describe('`save` of redis.conf: after so many seconds, if there were so many changes')
const persistence = z
  .union([z.enum(PERSISTENCE), z.strictObject({ rdb: savePoints })], {
    error: (issue) => expectedGot(`${PERSISTENCE.join(', ')}, or { rdb: "60 1" }`, issue.input),
  })
  .describe('How servers keep data on their disks; without it faults that restart one say what it has')

const versionError = (issue: { readonly input?: unknown }) => expectedGot(REDIS_VERSIONS.join(', '), issue.input)
const redisVersion = z
  .codec(z.union([z.string(), z.number()], { error: versionError }), z.custom<RedisVersion>(), {
    decode: (value, context) => {
      const version = readRedisVersion(value)
      if (version !== null) return version
      context.issues.push({ code: 'custom', message: expectedGot(REDIS_VERSIONS.join(', '), value), input: value })
      return z.NEVER
    },
    encode: (version) => version,
  })
  .describe(`Which Redis the servers are: ${REDIS_VERSIONS.join(', ')}; without it 7.0, or the one that --redis names`)

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

/** `workload`: the kind as a key. */
const workloadSchema = (workloads: readonly Workload[]) =>
  z
    .strictObject(Object.fromEntries(workloads.map(({ kind, schema }) => [kind, schema.optional()])), {
      error: mapping('a workload such as { counter: { rounds: 2 } }'),
    })
    .meta({ minProperties: 1, maxProperties: 1, description: 'What the clients do' })

/** The schema of a scenario file, for these kinds of faults and these workloads. */
export function scenarioSchema(kinds: readonly FaultKind[], workloads: readonly Workload[] = WORKLOADS) {
  return z
    .strictObject({
      title: text('a title in one line').describe('One line: what goes wrong'),
      story: text('a story: what happens, for the reader').describe('What happens, for the reader'),
      teaches: z.array(text('the number of a pitfall such as P22')).default([]).describe('Pitfalls it shows'),
      tags: z
        .array(z.string({ error: tagError }).regex(TAG_PATTERN, { error: tagError }))
        .default([])
        .describe('What it can be chosen by: lockstorm run --tag WORD'),
      workload: workloadSchema(workloads),
      clients: wholeNumber(1, 50).default(3).describe('Number of clients; they are called A, B, C, …'),
      callers: wholeNumber(1, 50)
        .default(1)
        .describe('How many of the clients are callers in one process, which share its modules and its fate'),
      nodes: wholeNumber(1, 9)
        .default(1)
        .describe(
          'Number of independent Redis nodes, at least (a lock that needs more gets more): redis-1, redis-2, …',
        ),
      topology: topology.optional(),
      persistence: persistence.optional(),
      'redis-version': redisVersion.optional(),
      ttl: wholeMs.prefault('1s').describe('The lease, or how long an unused session lives'),
      'head-start': durationOrZeroUs.prefault('0s').describe('How long before the others A begins'),
      stagger: durationOrZeroUs.prefault('0s').describe('How long after each other the clients behind A begin'),
      latency: rangeUs.prefault('200us..900us').describe('One way, between any two machines'),
      placement: z
        .enum(['anywhere', 'beside'])
        .default('anywhere')
        .describe(
          'beside: each client is beside a node of its own, reaches it in the shortest latency, all others in the longest',
        ),
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
