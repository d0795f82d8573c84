/**
 * One world as a picture: bars of belief, truth and faults, marks of effects, messages between lanes.
 *
 * Messages are not part of a trace (a normal run does not pay for them): the world is run once more with an ear on the
 * network. It is the same world, so its history hash must be the same.
 */

import { leaderTerms } from '../check/leader-terms.ts'
import { queueRuns } from '../check/queue-runs.ts'
import { type Effect, touchedBy } from '../fault/effect.ts'
import type { Role } from '../fault/fault.ts'
import type { FaultSpan } from '../history/fault-span.ts'
import type { History } from '../history/history.ts'
import { thrownIn } from '../history/thrown.ts'
import type { Message } from '../net/connection.ts'
import { readEffect } from '../record/effect.ts'
import { readLoaded, switchedTo } from '../record/world.ts'
import { formatUs } from '../sim/units.ts'
import { type InLanguages, inLanguages, type Language } from '../text/language.ts'
import { workloadOf } from '../workload/registry.ts'
import type { Workload } from '../workload/workload.ts'
import { castOf } from './cast.ts'
import type { Plan } from './plan.ts'
import type { ClockChange, Lane, Story } from './story-data.ts'

/** A message as the network saw it. `arrivedUs` null: it was lost. */
export interface SeenMessage {
  readonly from: string
  readonly to: string
  readonly sentUs: number
  readonly arrivedUs: number | null
  readonly message: Message
  /** The line of the user's code that sent it; null: not known. */
  readonly site?: string | null
}

type Bar = Lane['bars'][number]
type Mark = Lane['marks'][number]

/**
 * How a fault is drawn, by its first effect; one that is drawn as a `fault` has no bar in the lanes of its processes. So is a copy that
 * comes late from one server to another: neither is cut off, for clients reach both.
 */
function barKind({ effects }: FaultSpan, roleOf: (name: string) => Role): Bar['kind'] {
  if (effects.every((effect) => effect.kind === 'cuts' && isOneWayBetweenServers(effect, effects, roleOf)))
    return 'fault'
  switch (effects[0]?.kind) {
    case 'stops':
      return 'pause'
    case 'ends':
      return 'crash'
    case 'cuts':
    case 'refuses':
      return 'partition'
    case 'moves-clock':
    case 'changes-rate':
      return 'skew'
    default:
      return 'fault'
  }
}

const isOneWayBetweenServers = (
  { from, to }: Effect & { readonly kind: 'cuts' },
  effects: readonly Effect[],
  roleOf: (name: string) => Role,
): boolean =>
  [...from, ...to].every((name) => roleOf(name) === 'redis') &&
  !effects.some((other) => other.kind === 'cuts' && other.from.some((name) => to.includes(name)))

/** What the lane of a process is, by its role. */
const LANES: Readonly<Record<Role, Lane['kind']>> = {
  client: 'client',
  redis: 'redis',
  sentinel: 'redis',
  storage: 'resource',
}

/** Draws a history. */
export function storyOf(
  history: History,
  messages: readonly SeenMessage[],
  plan: Plan,
  workloads?: readonly Workload[],
): Story {
  const { takes, key } = workloadOf(plan.workload, workloads)
  const cast = castOf(plan, workloads)
  // One more client may have looked when all was calm.
  const roleOf = (name: string): Role => cast.find((member) => member.name === name)?.role ?? 'client'
  const servers = plan.topology.kind === 'keeper' ? 'keeper' : 'redis'
  const laneKind = (role: Role): Lane['kind'] => (role === 'redis' ? servers : LANES[role])
  const lanes = new Map<string, { name: string; kind: Lane['kind']; bars: Bar[]; marks: Mark[] }>()
  const phrases = new Map<string, InLanguages>()
  /** The English of a phrase, as labels and records have it. */
  const told = (phrase: InLanguages): string => {
    phrases.set(phrase.en, phrase)
    return phrase.en
  }
  const lane = (name: string) => {
    let found = lanes.get(name)
    if (found === undefined) {
      const kind = name === 'faults' ? 'faults' : laneKind(roleOf(name))
      found = { name, kind, bars: [], marks: [] }
      lanes.set(name, found)
    }
    return found
  }
  for (const record of history.records) if (record.process !== 'world') lane(record.process)
  // Of an application no key is watched: what is known of a node are the messages.
  for (const { from, to } of messages) for (const name of [from, to]) if (roleOf(name) === 'redis') lane(name)
  // A node that never had a vote has its lane too: a majority is one of all of them.
  if (history.servers.length > 1) for (const name of history.servers) lane(name)
  for (const hold of history.holds) {
    lane(hold.client).bars.push({
      kind: 'belief',
      fromUs: hold.fromUs,
      untilUs: hold.untilUs,
      label: `${hold.client} believes (${hold.endedBy})`,
      owner: hold.client,
    })
  }
  if (history.rules.runs === 'task') {
    for (const { client, job, fromUs, untilUs } of queueRuns(history)) {
      const label = told({ en: `${client} runs job ${job}`, zh: `${client} 运行任务 ${job}` })
      lane(client).bars.push({ kind: 'belief', fromUs, untilUs, label, owner: client })
    }
  }
  if (history.subject === 'leader-election') {
    for (const { client, term, fromUs, untilUs } of leaderTerms(history)) {
      const label = told({
        en: `${client} leads${term === null ? '' : `, term ${term}`}`,
        zh: `${client} 是领导者${term === null ? '' : `，任期 ${term}`}`,
      })
      lane(client).bars.push({ kind: 'belief', fromUs, untilUs, label, owner: client })
    }
  }
  for (const { node, owner, text, endedBy, untilUs: endUs, ...grant } of history.grants) {
    let { fromUs } = grant
    const { moved = [] } = grant
    for (const { node: where, untilUs, how } of [
      ...moved.map((stretch) => ({ ...stretch, how: 'moved' })),
      { node, untilUs: endUs, how: endedBy },
    ]) {
      const label = takes === 'lock' ? `${text ?? owner} (${how})` : how
      lane(where).bars.push({ kind: 'truth', fromUs, untilUs, label, owner })
      fromUs = untilUs
    }
  }
  for (const grant of history.copies) {
    lane(grant.node).bars.push({
      kind: 'copy',
      fromUs: grant.fromUs,
      untilUs: grant.untilUs,
      label: takes === 'lock' ? `${grant.text ?? grant.owner} (copy)` : 'copy',
      owner: grant.owner,
    })
  }
  for (const fault of history.faults) {
    const untilUs = fault.durationUs === null ? history.healedUs : fault.fromUs + fault.durationUs
    const bar = {
      kind: barKind(fault, roleOf),
      fromUs: fault.fromUs,
      untilUs,
      label: told(fault.description),
      owner: fault.processes[0] ?? '',
    } as const
    lane('faults').bars.push(bar)
    const [first] = fault.effects
    const touched = first === undefined ? [] : touchedBy(first)
    if (bar.kind !== 'fault') for (const name of fault.processes) if (touched.includes(name)) lane(name).bars.push(bar)
  }
  addMarks(history, { marks: (name) => lane(name).marks, told })
  const order: readonly Lane['kind'][] = ['client', 'redis', 'keeper', 'resource', 'faults']
  return {
    endUs: history.endUs,
    ...(history.servers.length === history.voters.length ? {} : { votes: history.voters.length }),
    key,
    lanes: [...lanes.values()].sort(
      (a, b) => order.indexOf(a.kind) - order.indexOf(b.kind) || (a.name < b.name ? -1 : 1),
    ),
    messages: messages.map(({ from, to, sentUs, arrivedUs, message, site }) => ({
      from,
      to,
      sentUs,
      arrivedUs: arrivedUs ?? sentUs,
      label: labelOf(message),
      lost: arrivedUs === null,
      ...(site === null || site === undefined ? {} : { site }),
    })),
    overlaps: overlaps(history),
    thrown: thrownIn(history),
    ...clocksOf(history),
    ...(phrases.size === 0 ? {} : { phrases: [...phrases.values()] }),
    records: history.records,
    ndjson: history.toNdjson(),
  }
}

/** When the clocks of machines were wrong; nothing if none was. */
function clocksOf({ faults, healedUs, endUs }: History): Pick<Story, 'clocks'> {
  const clocks = faults.flatMap(({ fromUs, effects }) =>
    effects.flatMap((effect): ClockChange[] => {
      if (effect.kind === 'moves-clock') {
        const untilUs = effect.isMendedAtEnd ? healedUs : endUs
        return [{ process: effect.process, fromUs, untilUs, byUs: effect.byUs, ppm: 0 }]
      }
      return effect.kind === 'changes-rate'
        ? [{ process: effect.process, fromUs, untilUs: healedUs, byUs: 0, ppm: effect.ppm }]
        : []
    }),
  )
  return clocks.length === 0 ? {} : { clocks }
}

interface Marking {
  readonly marks: (process: string) => Mark[]
  readonly told: (phrase: InLanguages) => string
}

function addMarks(history: History, { marks, told }: Marking): void {
  for (const record of history.records) {
    if (record.type === 'effect') {
      const { client, value } = readEffect(record)
      const kind =
        record.op === 'refused' ? 'refused' : record.op === 'write' || record.op === 'run' ? 'effect' : 'operation'
      marks(record.process).push({ kind, atUs: record.atUs, label: `${client}: ${record.op} ${value}`, owner: client })
    } else if (record.type === 'ok' || record.type === 'fail' || record.type === 'info') {
      const detail = record.type === 'ok' ? '' : record.type === 'fail' ? ' refused' : ' unknown'
      marks(record.process).push({
        kind: 'operation',
        atUs: record.atUs,
        label: `${record.op}${detail}`,
        owner: record.process,
      })
    } else if (record.type === 'note' && record.op === 'ended') {
      marks(record.process).push({ kind: 'operation', atUs: record.atUs, label: 'ended', owner: record.process })
    } else if (record.type === 'note' && record.op === 'promoted') {
      marks(record.process).push({ kind: 'operation', atUs: record.atUs, label: 'promoted', owner: record.process })
    } else if (record.type === 'note' && record.op === 'loaded') {
      const label = told(inLanguages((language) => loadedText(readLoaded(record), language)))
      marks(record.process).push({ kind: 'operation', atUs: record.atUs, label, owner: record.process })
    } else if (record.type === 'note' && record.op === 'switch-master') {
      const to = switchedTo(record)
      const label = told({ en: `sends clients to ${to}`, zh: `让客户端连接 ${to}` })
      marks(record.process).push({ kind: 'operation', atUs: record.atUs, label, owner: record.process })
    }
  }
}

type LoadedText = (found: string, lacks: string | null) => string

/** What was on the disk of a server that starts again. */
function loadedText({ what, olderMs }: ReturnType<typeof readLoaded>, language: Language): string {
  const say = LOADED[language]
  if (what === 'nothing') return say.nothing
  return say.text(say.files[what] ?? what, olderMs === null ? null : formatUs(olderMs * 1000))
}

const LOADED: Readonly<
  Record<
    Language,
    { readonly nothing: string; readonly text: LoadedText; readonly files: Readonly<Record<string, string>> }
  >
> = {
  en: {
    nothing: 'starts again with no data',
    text: (found, lacks) => `starts again: its ${found}${lacks === null ? '' : ` without its last ${lacks}`}`,
    files: { snapshot: 'last snapshot,', log: 'append-only file', 'whole log': 'append-only file, whole' },
  },
  zh: {
    nothing: '重新启动，没有任何数据',
    text: (found, lacks) => `重新启动：从${found}恢复${lacks === null ? '' : `，缺最后 ${lacks}`}`,
    files: { snapshot: '最近的快照', log: ' AOF 文件', 'whole log': '完整的 AOF 文件' },
  },
}

function overlaps(history: History): Story['overlaps'] {
  const { holds } = history
  return holds.flatMap((later, index) =>
    holds
      .slice(0, index)
      .filter(
        (earlier) => earlier.client !== later.client && earlier.untilUs > later.fromUs && later.untilUs > later.fromUs,
      )
      .map((earlier) => ({
        fromUs: later.fromUs,
        untilUs: Math.min(earlier.untilUs, later.untilUs),
        processes: [earlier.client, later.client],
      })),
  )
}

const LABEL_LENGTH_MAX = 60

/** A few words for a message: the command, or what was answered. */
function labelOf(message: Message): string {
  if (typeof message === 'string') return respLabel(message)
  if (Array.isArray(message)) return cut(message.map(plain).join(' '))
  const { op, value } = message as { op?: string; value?: number }
  return cut(`${op ?? ''} ${value ?? ''}`.trim())
}

function plain(item: unknown): string {
  if (typeof item === 'string') return firstLine(item)
  if (Array.isArray(item)) return item.map(plain).join(' ')
  if (item === null || typeof item === 'number') return item === null ? 'nil' : String(item)
  const { text, isAccepted, value } = item as { text?: string; isAccepted?: boolean; value?: number }
  if (isAccepted !== undefined) return isAccepted ? String(value) : 'refused'
  return text ?? '…'
}

/** The words of a RESP request or reply, without their lengths. */
function respLabel(bytes: string): string {
  const words: string[] = []
  for (const line of bytes.split('\r\n')) {
    if (line === '$-1' || line === '*-1' || line === '_') words.push('nil')
    else if (!/^[$*>]\d+$/.test(line) && line !== '') words.push(line.replace(/^[+:]/, ''))
    if (words.length > 8) break
  }
  return cut(words.map(firstLine).join(' '))
}

const firstLine = (text: string): string => (text.includes('\n') ? `${text.slice(0, text.indexOf('\n'))}…` : text)
const cut = (text: string): string =>
  text.length <= LABEL_LENGTH_MAX ? text : `${text.slice(0, LABEL_LENGTH_MAX - 1)}…`
