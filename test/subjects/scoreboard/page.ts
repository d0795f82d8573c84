/**
 * `docs/scoreboard.md`, made of what the hunts found (`found.json`).
 */
import { PROPERTIES, type PropertyName } from '../../../src/check/verdict.ts'
import { describeBase } from '../../../src/explore/base-plan.ts'
import { formatUs } from '../../../src/sim/units.ts'
import type { Plan } from '../../../src/world/plan.ts'
import { ENTRIES, type Entry } from './entries.ts'
import { type Doubted, type Hunted, type ListedFinding, planOf } from './hunting.ts'

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

/** The page. */
export function page(hunts: readonly Hunted[], server: string): string {
  const rows = ENTRIES.map((entry) => [entry, huntOf(entry, hunts)] as const)
  const locks = rows.filter(([{ subject }]) => subject.kind === 'lock')
  const sessions = rows.filter(([{ subject }]) => subject.kind === 'session')
  return `${[
    introduction(server),
    '## Locks',
    table(locks, LOCK_COLUMNS),
    '## Sessions',
    table(sessions, SESSION_COLUMNS),
    '## What was run',
    runs(rows),
    ...undecided(rows),
    '## Findings',
    ...rows.map(([entry, hunted]) => section(entry, hunted)),
  ].join('\n\n')}\n`
}

function huntOf({ subject }: Entry, hunts: readonly Hunted[]): Hunted {
  const hunted = hunts.find(({ subject: name }) => name === subject.name)
  if (hunted === undefined) throw new Error(`${subject.name} was never hunted: renew the page`)
  return hunted
}

const introduction = (
  server: string,
): string => `<!-- Made by test/subjects/scoreboard/page.ts of test/subjects/scoreboard/found.json. Do not edit: hunt anew with
     npx vitest run test/subjects/scoreboard.test.ts -u
     (some minutes). Without -u the test replays every token below in memory and on a real redis-server. -->
# Scoreboard

Libraries as published, each hunted with every storm of up to one fault: two clients that take the lock once, a lease of 1 s,
20 ms of work under the lock, and one fault (a pause, a late or lost message, a reset connection, a crash, a clock step, a restart, …)
at every message that a client sends or gets. Before that, without any fault: 50 other latencies, and the orders of simultaneous
arrivals with up to two deviations. Two faults, more clients and further rounds were not tried: **valid** means that none of *these*
storms broke it, not that it is right.

| cell | means |
|---|---|
| valid | no storm broke it; also where the lock never states what the property is about |
| definite | it is broken in a way in which a correct lock or store would not be |
| by contract | a lease ended while its holder could not know; only a storage that checks fencing tokens is safe against that |
| unknown | some storms ended at a limit of the simulation, the others are clean |
| not decided | something was found that is not held against the library; see below |

The number after a cell leads to the finding. Every finding was replayed in memory and on ${server} on virtual time: both gave the
same history, event for event, and its hash stands with the finding. To see one, run its command in a clone of this repository after
\`npm ci && npm run build\` (\`lockstorm\` is \`node dist/cli/main.js\` there); with \`--redis server\` a real redis-server answers.

That something can go wrong in a storm says nothing about how often it does in production, and each finding is about the library
as it is called in \`test/subjects/\`, with its own default settings where nothing else is said. A fault is told with the message at
which it strikes: "A before send 3" is just before client A sends its third message, "A before reply 3" before it gets its third reply.`

type Row = readonly [entry: Entry, hunted: Hunted]

function table(rows: readonly Row[], columns: readonly PropertyName[]): string {
  return [
    `| | ${columns.join(' | ')} |`,
    `|---|${columns.map(() => '---|').join('')}`,
    ...rows.map(
      ([entry, hunted]) =>
        `| [${entry.subject.name}](#${entry.subject.name}) | ${columns.map((property) => cell(entry, hunted, property)).join(' | ')} |`,
    ),
  ].join('\n')
}

function cell(entry: Entry, hunted: Hunted, property: PropertyName): string {
  if (!hunted.wrong.some((wrong) => wrong.startsWith(`${property}: `)))
    return Object.keys(hunted.unknown).length > 0 ? 'unknown' : 'valid'
  const findings = hunted.findings
  const worst = (['definite', 'by-contract'] as const)
    .map((kind) => `${property}: ${kind}` as const)
    .find((wrong) => findings.some(({ shows }) => shows.includes(wrong)))
  if (worst === undefined) return 'not decided'
  // Its own finding before one in whose storm it happens too.
  const own = findings.findIndex((finding) => `${finding.property}: ${finding.kind}` === worst)
  const index = own >= 0 ? own : findings.findIndex(({ shows }) => shows.includes(worst))
  const kind = worst.endsWith(': definite') ? '**definite**' : 'by contract'
  return `${kind} [${index + 1}](#${anchor(titleOf(entry, findings[index] as ListedFinding, index))})`
}

const titleOf = ({ subject }: Entry, { property, kind }: ListedFinding, index: number): string =>
  `${subject.name} ${index + 1}: ${property}, ${kind === 'definite' ? 'definite' : 'by contract'}`

/** As GitHub makes anchors of headings. */
const anchor = (title: string): string =>
  title
    .toLowerCase()
    .replace(/[^a-z0-9 _-]/g, '')
    .replaceAll(' ', '-')

const runs = (rows: readonly Row[]): string =>
  [
    '| | what | versions | client | storms | findings |',
    '|---|---|---|---|---|---|',
    ...rows.map(
      ([{ subject, title }, { versions, client, storms, findings }]) =>
        `| ${subject.name} | ${title} | ${versions.join(', ')} | ${client} | ${storms} | ${findings.length} |`,
    ),
  ].join('\n')

function undecided(rows: readonly Row[]): readonly string[] {
  const lines = rows.flatMap(([entry, { different, doubted }]) => [
    ...doubted.map((finding) => doubtedWords(entry, finding)),
    ...different.map((finding) => `- ${entry.subject.name}, another history on a real redis-server: ${finding}`),
  ])
  return lines.length === 0 ? [] : ['## Not decided', lines.join('\n')]
}

function doubtedWords({ subject, file, undecided: cases }: Entry, { property, kind, sentence, why, token }: Doubted) {
  const known = cases.find((other) => other.property === property && other.why === why)
  const words = kind === 'definite' ? 'definite' : 'by contract'
  const command = `\`lockstorm replay ${token}${file === null ? '' : ` --lock ${file}`}\``
  return `- ${subject.name}, ${property} (${words}): “${sentence}.” ${why} Not claimed: ${known?.reason ?? IN_PAUSE}. ${command}`
}

const IN_PAUSE =
  'the check calls it definite because A ran for some ms after its pause before its lock noticed; but B had the lock only while A was paused, when nobody could look'

function section(entry: Entry, hunted: Hunted): string {
  const findings = hunted.findings
  const nothing = findings.length === 0 ? [`Nothing in ${hunted.storms} storms.`] : []
  return [
    `### ${entry.subject.name}`,
    [entry.title, ...hunted.versions].join(' · '),
    ...(entry.remark === undefined ? [] : [entry.remark]),
    ...nothing,
    ...findings.map((finding, index) => told(entry, finding, index)),
  ].join('\n\n')
}

function told(entry: Entry, finding: ListedFinding, index: number): string {
  const { property, kind, sentence, why, token, historyHash, sentences, seen } = finding
  const others = sentences.filter((one) => one !== `${property}: ${kind}: ${sentence}`)
  const note = entry.notes[property]
  const lines = [
    `- storm: ${stormWords(planOf(token), finding.faults)}`,
    ...others.map((one) => `- in the same storm, ${one.replace('by-contract', 'by contract')}`),
    `- seen in ${seen} ${seen === 1 ? 'storm' : 'storms'}`,
    ...(note === undefined ? [] : [`- ${note}`]),
    `- history ${historyHash}`,
  ]
  const file = entry.file === null ? '' : ` --lock ${entry.file}`
  return [
    `#### ${titleOf(entry, finding, index)}`,
    `“${sentence}.” ${why}`,
    lines.join('\n'),
    `\`\`\`sh\nlockstorm replay ${token}${file}\n\`\`\``,
  ].join('\n\n')
}

/** `A paused for 1 s (A before send 2); counter, 2 clients × 1 rounds, lease 1 s` */
function stormWords(plan: Plan, faults: readonly string[]): string {
  const order = plan.order === undefined ? [] : ['simultaneous arrivals in another order']
  const latency = plan.seed === '1' ? [] : [`latencies of seed ${plan.seed}`]
  const all = [...faults, ...order, ...latency]
  const what = all.length === 0 ? 'no fault' : all.join('; ')
  return `${what} — ${describeBase(plan)}, lease ${formatUs(plan.ttlMs * 1000)}`
}
