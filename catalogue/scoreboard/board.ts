/**
 * What both pages of the scoreboard are made of: rows and columns, the word of each cell, the texts around them.
 *
 * Texts are Markdown with `code` and **bold** in them, and nothing else.
 */
import { PROPERTIES, type PropertyName, type ViolationKind } from '../../src/check/verdict.ts'
import { describeBase } from '../../src/explore/base-plan.ts'
import { formatUs } from '../../src/sim/units.ts'
import { replayCommand } from '../../src/text/replay-command.ts'
import { ENTRIES, type Entry } from './entries.ts'
import { type Hunted, type ListedFinding, planOf } from './hunting.ts'

/** A library, and what came of hunting it. */
export type Row = readonly [entry: Entry, hunted: Hunted]

/** A table of libraries and properties. */
export interface Board {
  readonly title: string
  readonly rows: readonly Row[]
  readonly columns: readonly PropertyName[]
}

/** What judges nothing in these hunts has no column. */
const LOCK_COLUMNS: readonly PropertyName[] = [
  'mutual-exclusion',
  'stale-write',
  'fence-order',
  'foreign-release',
  'dead-lock',
  'hang',
  'overstated-lease',
  'late-signal',
  'linearizability',
  'crash',
]
const SESSION_COLUMNS = PROPERTIES.filter(
  (property) => property.startsWith('session-') || property === 'linearizability' || property === 'crash',
)

/** All rows, in the order of the entries. */
export const rowsOf = (hunts: readonly Hunted[]): readonly Row[] =>
  ENTRIES.map((entry) => {
    const hunted = hunts.find(({ subject }) => subject === entry.subject.name)
    if (hunted === undefined) throw new Error(`${entry.subject.name} was never hunted: renew the page`)
    return [entry, hunted]
  })

/** The tables. */
export const boardsOf = (rows: readonly Row[]): readonly Board[] => [
  { title: 'Locks', rows: rows.filter(([{ subject }]) => subject.kind === 'lock'), columns: LOCK_COLUMNS },
  { title: 'Sessions', rows: rows.filter(([{ subject }]) => subject.kind === 'session'), columns: SESSION_COLUMNS },
]

/** What each word of a cell means. */
export const MEANINGS = {
  valid: 'no storm broke it; also where the lock never states what the property is about',
  bug: 'it is broken in a way in which a correct lock or store would not be',
  limit: 'nothing that runs on the client prevents it: it needs fencing, or Redis forgot what it had acknowledged',
  unknown: 'some storms ended at a limit of the simulation, the others are clean',
  'not decided': 'it may be broken, and that is not claimed; see below',
} as const

export type Word = keyof typeof MEANINGS

/** What a cell says, and the index of the finding that shows it; null: none does. */
export interface BoardCell {
  readonly word: Word
  readonly index: number | null
}

/** The cell of a library and a property. */
export function cellOf([{ unsure }, { wrong, unknown, findings }]: Row, property: PropertyName): BoardCell {
  if (!wrong.some((one) => one.startsWith(`${property}: `))) {
    if (unsure?.[property] !== undefined) return { word: 'not decided', index: null }
    return { word: Object.keys(unknown).length > 0 ? 'unknown' : 'valid', index: null }
  }
  const worst = (['bug', 'limit'] as const)
    .map((kind) => `${property}: ${kind}` as const)
    .find((one) => findings.some(({ shows }) => shows.includes(one)))
  if (worst === undefined) return { word: 'not decided', index: null }
  // Its own finding before one in whose storm it happens too.
  const own = findings.findIndex((finding) => `${finding.property}: ${finding.kind}` === worst)
  const index = own >= 0 ? own : findings.findIndex(({ shows }) => shows.includes(worst))
  return { word: (worst.split(': ') as [string, ViolationKind])[1], index }
}

/** How often each word stands in these tables; those that nowhere do are left out. */
export function wordCounts(boards: readonly Board[]): ReadonlyMap<Word, number> {
  const words = boards.flatMap(({ rows, columns }) =>
    rows.flatMap((row) => columns.map((property) => cellOf(row, property).word)),
  )
  return new Map(
    (Object.keys(MEANINGS) as Word[])
      .map((word) => [word, words.filter((other) => other === word).length] as const)
      .filter(([, count]) => count > 0),
  )
}

/** The storm of a finding, in words. */
export interface StormWords {
  /** Its faults, and what else had to be so. */
  readonly what: readonly string[]
  /** `counter, 2 clients × 1 round, lease 1 s` */
  readonly where: string
}

/** Says what happens in a storm. */
export function stormWords({ token, faults }: ListedFinding): StormWords {
  const plan = planOf(token)
  const what = [
    ...faults,
    ...(plan.order === undefined ? [] : ['simultaneous arrivals in another order']),
    ...(plan.seed === '1' ? [] : [`latencies of seed ${plan.seed}`]),
  ]
  return {
    what: what.length === 0 ? ['no fault'] : what,
    where: `${describeBase(plan).en}, lease ${formatUs(plan.ttlMs * 1000)}`,
  }
}

/** What else is claimed of the same storm: `stale-write: limit: A wrote 1 although …`. */
export const othersIn = ({ property, kind, sentence, sentences }: ListedFinding): readonly string[] =>
  sentences.filter((one) => one !== `${property}: ${kind}: ${sentence}`)

export const seenWords = ({ seen }: ListedFinding): string => `seen in ${seen} ${seen === 1 ? 'storm' : 'storms'}`

/** The command that shows a storm again. */
export const commandOf = ({ file }: Entry, token: string): string =>
  `${replayCommand(token)}${file === null ? '' : ` --lock ${file}`}`

/** What was found and is not claimed. */
export interface Unclaimed {
  readonly words: string
  readonly command: string | null
}

/** Everything that was found and is not claimed, with the reasons. */
export const unclaimed = (rows: readonly Row[]): readonly Unclaimed[] =>
  rows.flatMap(([entry, { different, doubted }]) => [
    ...doubted.map(({ property, kind, sentence, why, token }) => {
      const reason = entry.undecided.find((other) => other.property === property && other.why === why)?.reason
      if (reason === undefined) throw new Error(`${entry.subject.name}: nobody says why ${sentence} is not claimed`)
      const told = `${entry.subject.name}, ${property} (${kind}): “${sentence}.” ${why}`
      return { words: `${told} Not claimed: ${reason}.`, command: commandOf(entry, token) }
    }),
    ...Object.entries(entry.unsure ?? {}).map(([property, reason]) => ({
      words: `${entry.subject.name}, ${property}: ${reason}.`,
      command: null,
    })),
    ...different.map((finding) => ({
      words: `${entry.subject.name}, another history on a real redis-server: ${finding}`,
      command: null,
    })),
  ])

/** What was hunted. */
export const HUNTED = `Libraries as published, each hunted with every storm of up to one fault: two clients that take the lock once, a lease of 1 s,
20 ms of work under the lock, and one fault (a pause, a late or lost message, a reset connection, a crash, a clock step, a restart, …)
at every message that a client sends or gets. Before that, without any fault: 50 other latencies, and the orders of simultaneous
arrivals with up to two deviations. Two faults, more clients and further rounds were not tried: **valid** means that none of these
storms broke it, not that it is right.`

/** How each finding is proved, and how to see one. */
export const proof = (
  server: string,
): string => `Every finding was replayed in memory and on ${server} on virtual time: both gave the
same history, event for event, and its hash stands with the finding. To see one, run its command in a clone of this repository after
\`npm ci && npm run build\` (\`npx lockstorm\` is \`node dist/cli/main.js\` there); with \`--redis server\` a real redis-server answers.`

/** What a finding does not say. */
export const LIMITS = `That something can go wrong in a storm says nothing about how often it does in production, and each finding is about the library
as it is called in \`catalogue/libraries/\`, with its own default settings where nothing else is said. A fault is told with the message at
which it strikes: "A before send 3" is just before client A sends its third message, "A before reply 3" before it gets its third reply.`
