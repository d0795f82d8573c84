/**
 * Parts of a hunt that is shared out over several machines (`--shard 2/8`): what one of them has found, as a file, and what all of
 * them come to.
 *
 * Invariants
 * - Parts of one plan, joined, are what one machine would have found: counts add up, and of two storms alike the one whose unit
 *   has the lower number stays.
 * - A part is data: of a finding it names the storm, and what that shows is seen by running it again.
 */
import * as z from 'zod'
import type { Verdict, Violation } from '../check/verdict.ts'
import { type DataFormat, readJsonData } from '../scenario/json-data.ts'
import { assert } from '../sim/assert.ts'
import { UsageError } from '../sim/usage-error.ts'
import type { ClientKind, Plan } from '../world/plan.ts'
import type { Crew } from './crew.ts'
import { clarityOf, compareSizes, type Finding } from './finding.ts'
import { type Explored, isGivenUp } from './hunt.ts'
import type { Claim } from './search.ts'
import { readStorm, stormText } from './storm-text.ts'
import { addTally, emptyTally, type Tally } from './tally.ts'
import type { LostStorm, UnitResult } from './unit.ts'

export const PART_SCHEMA = 'lockstorm/part@1'

const whole = z.number().int().min(0)
const counts = z.array(z.tuple([z.string(), whole]))
const STORM = { storm: z.string().max(100_000), seed: z.string().max(1_000), ordinal: whole }

const CLAIM = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('levels'),
    upTo: z.literal([0, 1, 2, 3]).nullable(),
    singleCount: whole.nullable(),
    pairCount: whole.nullable(),
    tripleCount: whole.nullable(),
    mergedCount: whole,
    isOrderCut: z.boolean(),
    isEveryMagnitude: z.boolean(),
    unaskedCount: whole,
  }),
  z.strictObject({ kind: z.enum(['random', 'guided']) }),
  z.strictObject({
    kind: z.literal('given'),
    why: z.enum(['failed-before', 'kept']),
    count: whole,
    shown: z.array(z.array(z.string()).nullable()),
  }),
])

const TALLY = {
  tried: whole,
  bugs: whole,
  virtualUs: whole,
  byStatus: counts,
  sometimes: counts,
  unknown: counts,
  vacuous: counts,
  byFaultCount: z.array(whole),
  byKind: counts,
  keys: counts,
  together: z.array(z.tuple([z.string(), counts])),
  ledTo: z.array(z.tuple([z.string(), z.string()])),
}

const SCHEMA = z.strictObject({
  schema: z.literal(PART_SCHEMA),
  /** A hash of everything that decides what is run. */
  plan: z.string().min(8),
  shard: z.strictObject({ index: z.number().int().min(1), count: z.number().int().min(1).max(10_000) }),
  /** As the hunt was called: a file or a name, and its options. */
  lock: z.string().min(1),
  subject: z.string().min(1),
  settings: z.record(z.string(), z.unknown()),
  searched: z.array(
    z.strictObject({
      claim: CLAIM,
      ...TALLY,
      findings: z.array(
        z.strictObject({ key: z.string(), ...STORM, isCovered: z.boolean(), seen: whole, size: z.array(z.number()) }),
      ),
    }),
  ),
  lost: z.array(z.strictObject({ ...STORM, reason: z.enum(['spins', 'memory']) })),
})

const FORMAT: DataFormat<typeof SCHEMA> = {
  name: PART_SCHEMA,
  schema: SCHEMA,
  lengthMax: 50_000_000,
  fix: 'lockstorm hunt --shard 1/2 writes such a file',
}

export type Part = z.output<typeof SCHEMA>

type PartFinding = Part['searched'][number]['findings'][number]

/** What a part says of itself besides what it has found. */
export type PartHead = Pick<Part, 'plan' | 'shard' | 'lock' | 'subject' | 'settings'>

/** Remembers in which unit things were found. */
export class PartRecorder {
  readonly #ordinals = new WeakMap<Plan, number>()
  readonly #lost: { readonly ordinal: number; readonly storm: LostStorm }[] = []

  /** Hears of each unit of this part. */
  readonly onUnit = (ordinal: number, result: UnitResult): void => {
    for (const storm of result.lost) this.#lost.push({ ordinal, storm })
    if (!('tally' in result)) return
    for (const { plan } of result.tally.findings.values()) {
      if (!this.#ordinals.has(plan)) this.#ordinals.set(plan, ordinal)
    }
  }

  /** The text of the file. */
  write(head: PartHead, { searched }: Explored): string {
    const { plan, shard, lock, subject, settings } = head
    const part: Part = {
      schema: PART_SCHEMA,
      plan,
      shard,
      lock,
      subject,
      settings,
      searched: searched.map(({ claim, tally }) => ({
        claim: claim as Part['searched'][number]['claim'],
        ...writtenTally(tally),
        findings: [...tally.findings.values()].map((finding) => ({
          key: finding.key,
          ...writtenStorm(finding.plan, this.#ordinalOf(finding.plan)),
          isCovered: finding.isCovered,
          seen: finding.seen,
          size: [...clarityOf(finding)],
        })),
      })),
      lost: this.#lost.map(({ ordinal, storm }) => ({
        ...writtenStorm(storm.plan, ordinal),
        reason: storm.reason,
      })),
    }
    return `${JSON.stringify(part)}\n`
  }

  #ordinalOf(plan: Plan): number {
    const ordinal = this.#ordinals.get(plan)
    assert(ordinal !== undefined, 'what was found was found in a unit')
    return ordinal as number
  }
}

const writtenStorm = (plan: Plan, ordinal: number) => ({ storm: stormText(plan), seed: plan.seed, ordinal })

const writtenTally = (tally: Tally): Omit<Part['searched'][number], 'claim' | 'findings'> => ({
  tried: tally.tried,
  bugs: tally.bugs,
  virtualUs: tally.virtualUs,
  byStatus: [...tally.byStatus],
  sometimes: [...tally.sometimes],
  unknown: [...tally.unknown],
  vacuous: [...tally.vacuous],
  byFaultCount: [...tally.byFaultCount],
  byKind: [...tally.byKind],
  keys: [...tally.keys],
  together: [...tally.together].map(([key, worse]) => [key, [...worse]] as [string, [string, number][]]),
  ledTo: [...tally.ledTo],
})

/**
 * Reads a part.
 * @throws UsageError
 */
export const readPart = (text: string, place: string): Part => readJsonData(text, place, FORMAT)

/** A finding of all parts together; what its storm shows is not known yet. */
export interface JoinedFinding {
  readonly key: string
  readonly plan: Plan
  readonly isCovered: boolean
  readonly seen: number
}

/** What the parts come to. */
export interface Joined {
  /** Tallies without findings. */
  readonly searched: readonly {
    readonly claim: Claim
    readonly tally: Tally
    readonly findings: readonly JoinedFinding[]
  }[]
  readonly lost: readonly LostStorm[]
  /** The numbers of the parts that are not there. */
  readonly missing: readonly number[]
}

/**
 * Joins the parts of one plan.
 * @param parts each with the file that it is from
 * @param areSinglesSplit whether each part knows only its own pairs (`--faults 1`)
 * @throws UsageError when one is of another plan, there twice, or says something that cannot be
 */
export function joinParts(
  parts: readonly { readonly place: string; readonly part: Part }[],
  client: ClientKind,
  areSinglesSplit: boolean,
): Joined {
  const [first] = parts
  assert(first !== undefined, 'there is a part')
  const { count } = first.part.shard
  const byIndex = new Map<number, { readonly place: string; readonly part: Part }>()
  for (const each of parts) {
    const { place, part } = each
    if (part.plan !== first.part.plan) {
      throw new UsageError(
        place,
        `it is a part of another hunt than ${first.place}: plan ${part.plan} and not ${first.part.plan}`,
        'the same lock, options, replays and lockstorm on every machine; remove the files of other hunts',
      )
    }
    const twin = byIndex.get(part.shard.index)
    if (twin !== undefined) throw new UsageError(place, `part ${part.shard.index} is there twice: also ${twin.place}`)
    if (part.shard.index > count || part.searched.length !== first.part.searched.length) {
      throw new UsageError(place, 'it does not fit to the other parts', 'make it again')
    }
    byIndex.set(part.shard.index, each)
  }
  const sorted = [...byIndex].sort(([a], [b]) => a - b).map(([, each]) => each)
  const storm = (place: string, text: string, seed: string): Plan => {
    try {
      return readStorm(text, seed, client)
    } catch (error) {
      throw new UsageError(place, `it holds no storm: ${(error as Error).message}`, 'make it again', { cause: error })
    }
  }
  return {
    searched: first.part.searched.map((_, index) => {
      const same = sorted.map(({ place, part }) => ({ place, ...(part.searched[index] as Part['searched'][number]) }))
      const tally = emptyTally()
      for (const each of same) addTally(tally, readTally(each))
      const best = new Map<string, PartFinding & { readonly place: string }>()
      for (const { place, findings } of same) {
        for (const finding of findings) {
          const known = best.get(finding.key)
          const isBetter = known === undefined || compare(finding, known) < 0
          const seen = finding.seen + (known?.seen ?? 0)
          best.set(finding.key, isBetter ? { ...finding, place, seen } : { ...known, seen })
        }
      }
      return {
        claim: joinedClaim(
          sorted.map(({ part }) => part),
          index,
          areSinglesSplit,
        ),
        tally,
        findings: [...best.values()].map(({ key, place, storm: text, seed, isCovered, seen }) => ({
          key,
          plan: storm(place, text, seed),
          isCovered,
          seen,
        })),
      }
    }),
    lost: sorted
      .flatMap(({ place, part }) => part.lost.map((each) => ({ ...each, place })))
      .sort((a, b) => a.ordinal - b.ordinal)
      .map(({ place, storm: text, seed, reason }) => ({ plan: storm(place, text, seed), reason })),
    missing: Array.from({ length: count }, (_, at) => at + 1).filter((index) => !byIndex.has(index)),
  }
}

const compare = (a: PartFinding, b: PartFinding): number => compareSizes(a.size, b.size) || a.ordinal - b.ordinal

function joinedClaim(parts: readonly Part[], index: number, areSinglesSplit: boolean): Claim {
  const claims = parts.map(({ searched }) => searched[index]?.claim)
  const [first] = claims
  assert(first !== undefined, 'each part has each search')
  switch (first.kind) {
    case 'random':
    case 'guided':
      return first
    case 'levels': {
      const pairs = claims.map((claim) => (claim?.kind === 'levels' ? (claim.pairCount ?? 0) : 0))
      const pairCount =
        first.pairCount !== null && areSinglesSplit ? pairs.reduce((sum, each) => sum + each, 0) : first.pairCount
      return { ...first, pairCount }
    }
    case 'given': {
      // They are the first units of all, so the nth of them belongs to the nth part, and so on around.
      const shown = Array.from({ length: first.count }, (_, at) => {
        const owner = parts.find(({ shard }) => shard.index - 1 === at % shard.count)
        const claim = owner?.searched[index]?.claim
        return claim?.kind === 'given' ? claim.shown[at] : undefined
      })
      return { ...first, shown }
    }
  }
}

function readTally(written: Omit<Part['searched'][number], 'claim' | 'findings'>): Tally {
  const { tried, bugs, virtualUs, byFaultCount } = written
  return {
    ...emptyTally(),
    tried,
    bugs,
    virtualUs,
    byStatus: new Map(written.byStatus as [Verdict['status'], number][]),
    sometimes: new Map(written.sometimes) as Tally['sometimes'],
    unknown: new Map(written.unknown),
    vacuous: new Map(written.vacuous),
    byFaultCount: [...byFaultCount],
    byKind: new Map(written.byKind),
    keys: new Map(written.keys),
    together: new Map(written.together.map(([key, worse]) => [key, new Map(worse)])),
    ledTo: new Map(written.ledTo),
  }
}

/**
 * What was found, with what its storms show when they are run again.
 * @throws UsageError when one shows something else here
 */
export async function runAgain(
  { searched, lost, missing }: Joined,
  crew: Pick<Crew, 'run'>,
  place: string,
): Promise<Explored> {
  const all = searched.map(async ({ claim, tally, findings }) => {
    const shown = await Promise.all(
      findings.map(async (finding): Promise<Finding> => {
        const result = await crew.run({ kind: 'given', plans: [finding.plan] })
        const again = 'tally' in result ? result.tally.findings.get(finding.key) : undefined
        if (again === undefined) {
          throw new UsageError(
            place,
            `a storm of it does not show here what it showed there: ${finding.key}`,
            'the code under test, or a package that it uses, is another one here, or is not deterministic',
          )
        }
        const violation: Violation = again.violation
        return { ...finding, violation }
      }),
    )
    return { claim, tally: { ...tally, findings: new Map(shown.map((finding) => [finding.key, finding])) } }
  })
  const done = await Promise.all(all)
  const tally = emptyTally()
  for (const each of done) addTally(tally, each.tally)
  const stoppedBy = missing.length > 0 ? 'missing' : isGivenUp(lost.length, tally.tried) ? 'lost' : null
  return { tally, searched: done, lost, stoppedBy }
}
