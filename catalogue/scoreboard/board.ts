/**
 * What both pages of the scoreboard are made of: rows and columns, the word of each cell, the texts around them.
 *
 * Texts are Markdown with `code` and **bold** in them, and nothing else.
 */
import { PROPERTIES, type PropertyName, type ViolationKind } from '../../src/check/verdict.ts'
import { describeBase } from '../../src/explore/base-plan.ts'
import { faultInWords } from '../../src/scenario/fault-words.ts'
import { formatUs } from '../../src/sim/units.ts'
import type { InLanguages } from '../../src/text/language.ts'
import { replayCommand } from '../../src/text/replay-command.ts'
import { ENTRIES, type Entry } from './entries.ts'
import { type Hunted, type ListedFinding, planOf } from './hunting.ts'

/** A library, and what came of hunting it. */
export type Row = readonly [entry: Entry, hunted: Hunted]

/** A table of libraries and properties. */
export interface Board {
  readonly title: InLanguages
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
  {
    title: { en: 'Locks', zh: '锁' },
    rows: rows.filter(([{ subject }]) => subject.kind === 'lock'),
    columns: LOCK_COLUMNS,
  },
  {
    title: { en: 'Sessions', zh: '会话' },
    rows: rows.filter(([{ subject }]) => subject.kind === 'session'),
    columns: SESSION_COLUMNS,
  },
]

/** What each word of a cell means. */
export const MEANINGS = {
  valid: {
    en: 'no storm broke it; also where the lock never states what the property is about',
    zh: '没有风暴破坏它；锁从不声明这一性质所说的事时也是如此',
  },
  bug: {
    en: 'it is broken in a way in which a correct lock or store would not be',
    zh: '它被破坏了，而正确的锁或存储不会这样',
  },
  limit: {
    en: 'nothing that runs on the client prevents it: it needs fencing, or Redis forgot what it had acknowledged',
    zh: '客户端上的代码无法避免：需要隔离令牌（fencing），或 Redis 忘记了已确认的内容',
  },
  unknown: {
    en: 'some storms ended at a limit of the simulation, the others are clean',
    zh: '有些风暴触及了模拟的限制，其余的没有问题',
  },
  'not decided': {
    en: 'it may be broken, and that is not claimed; see below',
    zh: '它可能被破坏了，但这里不作断言；见下文',
  },
} as const satisfies Readonly<Record<string, InLanguages>>

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
  readonly what: readonly InLanguages[]
  /** `counter, 2 clients × 1 round, lease 1 s` */
  readonly where: InLanguages
}

/** Says what happens in a storm. */
export function stormWords({ token }: ListedFinding): StormWords {
  const plan = planOf(token)
  const what = [
    ...plan.faults.map(faultInWords),
    ...(plan.order === undefined
      ? []
      : [{ en: 'simultaneous arrivals in another order', zh: '同时到达的消息换了先后' }]),
    ...(plan.seed === '1' ? [] : [{ en: `latencies of seed ${plan.seed}`, zh: `种子 ${plan.seed} 的延迟` }]),
  ]
  const base = describeBase(plan)
  const lease = formatUs(plan.ttlMs * 1000)
  return {
    what: what.length === 0 ? [{ en: 'no fault', zh: '没有故障' }] : what,
    where: { en: `${base.en}, lease ${lease}`, zh: `${base.zh}，租约 ${lease}` },
  }
}

/** What else is claimed of the same storm: `stale-write: limit: A wrote 1 although …`. */
export const othersIn = ({ property, kind, sentence, sentences }: ListedFinding): readonly string[] =>
  sentences.filter((one) => one !== `${property}: ${kind}: ${sentence}`)

export const seenWords = ({ seen }: ListedFinding): InLanguages => ({
  en: `seen in ${seen} ${seen === 1 ? 'storm' : 'storms'}`,
  zh: `在 ${seen} 场风暴中出现`,
})

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
export const HUNTED: InLanguages = {
  en: `Libraries as published, each hunted with every storm of up to one fault: two clients that take the lock once, a lease of 1 s,
20 ms of work under the lock, and one fault (a pause, a late or lost message, a reset connection, a crash, a clock step, a restart, …)
at every message that a client sends or gets. Before that, without any fault: 50 other latencies, and the orders of simultaneous
arrivals with up to two deviations. Two faults, more clients and further rounds were not tried: **valid** means that none of these
storms broke it, not that it is right.`,
  zh: `已发布的库，每个都经历了至多一个故障的所有风暴：两个客户端各取一次锁，租约 1 s，持锁工作 20 ms，在客户端发出或收到的每一条消息处有一个故障
（停顿、消息迟到或丢失、连接重置、崩溃、时钟跳变、重启……）。在此之前没有任何故障：另外 50 组延迟，以及同时到达的消息的先后，至多两处不同。
两个故障、更多客户端、更多轮次都没有尝试：**通过**只表示这些风暴都没有破坏它，并不表示它是对的。`,
}

/** How each finding is proved, and how to see one. */
export const proof = (server: InLanguages): InLanguages => ({
  en: `Every finding was replayed in memory and on ${server.en} on virtual time: both gave the
same history, event for event, and its hash stands with the finding. To see one, run its command in a clone of this repository after
\`npm ci && npm run build\` (\`npx lockstorm\` is \`node dist/cli/main.js\` there); with \`--redis server\` a real redis-server answers.`,
  zh: `每个发现都在内存中的 Redis 和${server.zh}上用虚拟时间重放过：两者的历史逐个事件相同，哈希写在发现旁边。要看其中一个，请在本仓库的克隆中
\`npm ci && npm run build\` 之后运行它的命令（在那里 \`npx lockstorm\` 就是 \`node dist/cli/main.js\`）；加上 \`--redis server\`，由真正的 redis-server 回答。`,
})

/** What a finding does not say. */
export const LIMITS: InLanguages = {
  en: `That something can go wrong in a storm says nothing about how often it does in production, and each finding is about the library
as it is called in \`catalogue/libraries/\`, with its own default settings where nothing else is said. A fault is told with the message at
which it strikes: "A before send 3" is just before client A sends its third message, "A before reply 3" before it gets its third reply.`,
  zh: `某件事在风暴中会出错，并不说明它在生产环境中多久出错一次；每个发现说的都是按 \`catalogue/libraries/\` 中的写法调用的库，没有另外说明时用它自己的默认设置。`,
}
