/**
 * What the schema cannot see because it takes two places of a scenario: exactly one workload, one kind a fault,
 * processes that exist and that the fault can do something to, operations that happen, subjects that are known.
 *
 * Works on the data as it was written, so that it can speak up even when other places are wrong too.
 */
import type { Anchor, FaultKind, Role } from '../fault/fault.ts'
import { assertNever } from '../sim/assert.ts'
import { shown } from '../sim/shown.ts'
import { SUBJECT_WORDS, type Subject } from '../subject/subject.ts'
import type { Workload } from '../workload/workload.ts'
import { assemble, type Cast, namesOf, nodeName } from '../world/cast.ts'
import {
  meets,
  nodeCount,
  replicasOf,
  type Topology,
  topologyOf,
  USUAL_CLUSTER,
  USUAL_SENTINEL,
} from '../world/topology.ts'
import { parseAnchor } from './anchor.ts'
import { type Complaint, isMapping, valueAt } from './complaint.ts'
import { didYouMean, nearHint } from './nearest.ts'
import type { Path } from './yaml-source.ts'

/** What a scenario may refer to. */
export interface Vocabulary {
  readonly kinds: readonly FaultKind[]
  readonly workloads: readonly Workload[]
  /** Their names, by kind. */
  readonly subjects: SubjectNames
}

type SubjectNames = Readonly<Record<Subject['kind'], readonly string[]>>

/** Everything wrong between places. `input` is the file's data; it may be wrong in any way. */
export function crossCheck(input: unknown, { kinds, workloads, subjects }: Vocabulary): Complaint[] {
  const workload = workloadIn(input, workloads)
  const cast = castIn(input, workload)
  return [
    ...(isMapping(valueAt(input, ['workload']))
      ? oneOf(
          input,
          ['workload'],
          workloads.map(({ kind }) => kind),
          'workload',
        )
      : []),
    ...listAt(input, ['faults']).flatMap((_, index) => checkFault(input, index, kinds, cast, workload)),
    ...['expect', 'expect-direct'].flatMap((key) => checkSubjects(input, key, workload, subjects)),
  ]
}

function checkFault(
  input: unknown,
  index: number,
  kinds: readonly FaultKind[],
  cast: Cast | null,
  workload: Workload | null,
): Complaint[] {
  const path = ['faults', index]
  const fault = valueAt(input, path)
  if (!isMapping(fault)) return []
  const names = kinds.map((kind) => kind.name)
  const found = oneOf(input, path, names, 'kind of fault')
  if (cast === null) return found
  for (const kind of kinds.filter(({ name }) => Object.hasOwn(fault, name))) {
    const settings = kind.schema.safeParse(fault[kind.name])
    if (!settings.success) continue
    if (valueAt(input, ['persistence']) !== undefined && valueAt(fault, [kind.name, 'keep-data']) !== undefined)
      found.push({ path: [...path, kind.name, 'keep-data'], message: SAID_TWICE, at: 'key' })
    const missing = whatIsMissing(kind, topologyIn(input))
    if (missing !== null) found.push({ path: [...path, kind.name], message: missing, at: 'key' })
    const apart = notTogether(kind, kind.processes(settings.data), topologyIn(input))
    if (apart !== null) found.push({ path: [...path, kind.name], message: apart, at: 'key' })
    for (const name of kind.processes(settings.data)) {
      const message = checkTarget(kind, name, cast)
      if (message === null) continue
      const place = [...path, kind.name, ...(pathOf(fault[kind.name], name) ?? [])]
      found.push({ path: place, message, at: 'value' })
    }
  }
  const anchor = typeof fault.at === 'string' ? parseAnchor(fault.at) : null
  const message = anchor === null ? null : checkAnchor(anchor, cast, workload)
  if (message !== null) found.push({ path: [...path, 'at'], message, at: 'value' })
  return found
}

const SAID_TWICE = 'leave it out: persistence says already what a server has that starts again'

/** Why a fault of this kind makes no sense with these servers; null: it does. */
function whatIsMissing({ name, needs }: FaultKind, topology: Topology | null): string | null {
  if (meets(needs, topology ?? topologyOf(1))) return null
  switch (needs) {
    case undefined:
      return null
    case 'a Redis':
      return `${name} is about a Redis, and here is a coordination service in its place`
    case 'replicas':
      return `${name} is about replicas, and there are none: say topology: { kind: replicated, replicas: 1 }`
    case 'an operator':
      if (topology?.kind === 'cluster')
        return `${name} is what an operator does: a Cluster promotes by itself when a primary is down, or is told to: manual-failover`
      if (topology?.kind !== 'sentinel')
        return `${name} is about replicas, and there are none: say topology: { kind: replicated, replicas: 1 }`
      return `${name} is what an operator does: Sentinels promote by themselves when the primary is down (crash, pause, partition), or are told to`
    case 'sentinels':
      return `${name} is about Sentinels, and there are none: say topology: { kind: sentinel }`
    case 'a cluster':
      return `${name} is about a Cluster, and there is none: say topology: { kind: cluster }`
    default:
      return assertNever(needs)
  }
}

/** Of several primaries each has replicas of its own: which others an operator cannot promote in its place; null: all is well. */
function notTogether({ needs }: FaultKind, names: readonly string[], topology: Topology | null): string | null {
  if (needs !== 'an operator' || topology?.kind !== 'independent' || topology.replicas === undefined) return null
  const { nodes: primaries, replicas } = topology
  const all = Array.from({ length: nodeCount(topology) }, (_, index) => nodeName(index))
  const [primary = '', other = primary] = names
  const place = all.indexOf(primary) % primaries
  const together = [place, ...replicasOf({ primaries, replicas }, place)].map(nodeName)
  if (!all.includes(primary) || !all.includes(other) || together.includes(other)) return null
  return `${other} does not replicate with ${primary}: expected ${together.filter((name) => name !== primary).join(' or ')}`
}

/** What is wrong with aiming this kind of fault at this process; null: nothing. */
function checkTarget({ name: kind, roles }: FaultKind, name: string, cast: Cast): string | null {
  const target = cast.find((member) => member.name === name)
  if (target === undefined) return unknownProcess(name, cast)
  if (roles.includes(target.role)) return null
  const fitting = cast.filter(({ role }) => roles.includes(role)).map((member) => member.name)
  // What there is none of needs no word.
  const present = roles.filter((role) => role !== 'sentinel' || namesOf(cast, role).length > 0)
  return `expected ${present.map((role) => ROLE_WORDS[role]).join(' or ')} (${fitting.join(', ')}): ${kind} does nothing to ${name}`
}

const ROLE_WORDS: Readonly<Record<Role, string>> = {
  client: 'a client',
  redis: 'a Redis node',
  sentinel: 'a Sentinel',
  storage: 'the storage',
}

/** What is wrong with an anchor that reads well; null: nothing. */
function checkAnchor(anchor: Anchor, cast: Cast, workload: Workload | null): string | null {
  if (anchor.kind === 'time') return null
  const { process } = anchor
  const member = cast.find(({ name }) => name === process)
  if (member === undefined) return unknownProcess(process, cast)
  const isClient = member.role === 'client'
  if (anchor.kind === 'event') {
    const operations = workload?.operations
    if (!isClient)
      return `expected a client (${namesOf(cast, 'client').join(', ')}): ${process} has no operations of its own`
    if (operations === undefined || operations.includes(anchor.op)) return null
    return `expected an operation (${operations.join(', ')}), got ${shown(anchor.op)}${nearHint(anchor.op, [...operations, 'send', 'reply'])}`
  }
  switch (anchor.site) {
    case 'send':
    case 'reply':
      return isClient
        ? null
        : `expected a client before "${anchor.site}": ${process} is a server, it has exec and answer`
    case 'exec':
      return member.role === 'redis'
        ? null
        : `expected a Redis node (${namesOf(cast, 'redis').join(', ')}) before "exec"`
    case 'answer':
      return isClient ? `expected a server before "answer": ${process} is a client, it has send and reply` : null
  }
}

function checkSubjects(input: unknown, key: string, workload: Workload | null, known: SubjectNames): Complaint[] {
  const verdicts = valueAt(input, [key])
  if (!isMapping(verdicts) || workload === null) return []
  const complaints: Complaint[] = []
  for (const [name, verdict] of Object.entries(verdicts)) {
    const path = [key, name]
    if (!known[workload.takes].includes(name))
      complaints.push({ path, message: unknownSubject(name, workload, known), at: 'key' })
    complaints.push(...checkVerdict(verdict, path))
  }
  return complaints
}

/** A mapping that says nothing, or says one thing twice. */
function checkVerdict(verdict: unknown, path: Path): Complaint[] {
  if (!isMapping(verdict)) return []
  const { may } = verdict
  const empty = 'expected at least one property'
  if (Object.keys(verdict).length === 0) return [{ path, message: `${empty}, or the word valid`, at: 'value' }]
  if (!isMapping(may)) return []
  if (Object.keys(may).length === 0) return [{ path: [...path, 'may'], message: empty, at: 'value' }]
  return Object.keys(may)
    .filter((property) => verdict[property] === may[property])
    .map((property) => ({
      path: [...path, 'may', property],
      message: `${property} is expected already: it stands here only with another kind`,
      at: 'key',
    }))
}

function unknownSubject(name: string, { kind, takes }: Workload, known: SubjectNames): string {
  const wanted = SUBJECT_WORDS[takes]
  const other = (Object.keys(known) as Subject['kind'][]).find((each) => known[each].includes(name))
  if (other !== undefined) return `${shown(name)} is a ${SUBJECT_WORDS[other]}: the ${kind} workload takes a ${wanted}`
  return `unknown ${wanted} ${shown(name)}${didYouMean(name, known[takes])}; one of your own comes with --lock FILE`
}

/** Exactly one of these keys; unknown keys are the schema's to complain about, and may be the one that is missing. */
function oneOf(input: unknown, path: Path, known: readonly string[], what: string): Complaint[] {
  const keys = Object.keys(valueAt(input, path) as object)
  const found = keys.filter((key) => known.includes(key))
  if (found.length === 1) return []
  if (found.length > 1) {
    return [
      { path: [...path, found[1] as string], message: `expected one ${what}, got ${found.join(' and ')}`, at: 'key' },
    ]
  }
  const isMisspelt = keys.some((key) => key !== 'at')
  return isMisspelt ? [] : [{ path, message: `missing, expected a ${what}: ${known.join(', ')}`, at: 'value' }]
}

/** The cast of a scenario; null: its numbers are wrong. */
function castIn(input: unknown, workload: Workload | null): Cast | null {
  const clientCount = valueAt(input, ['clients']) ?? 3
  const nodeCount = valueAt(input, ['nodes']) ?? 1
  if (!isCount(clientCount) || !isCount(nodeCount)) return null
  // What a workload that is none needs, is not known: then all is there.
  return assemble(clientCount, topologyIn(input) ?? topologyOf(nodeCount), workload ?? { storage: () => ({}) })
}

/** What is said of it besides a number of nodes; null: nothing, or nothing right. */
function topologyIn(input: unknown): Topology | null {
  const named = valueAt(input, ['topology'])
  if (!isMapping(named)) return null
  if (named.kind === 'sentinel') {
    const { replicas = USUAL_SENTINEL.replicas, sentinels = USUAL_SENTINEL.sentinels } = named
    return isCount(replicas) && isCount(sentinels) ? { ...USUAL_SENTINEL, replicas, sentinels } : null
  }
  if (named.kind === 'cluster') {
    const { replicas = USUAL_CLUSTER.replicas, primaries = USUAL_CLUSTER.primaries } = named
    const isRight = isCount(primaries) && (replicas === 0 || isCount(replicas))
    return isRight ? { ...USUAL_CLUSTER, primaries, replicas } : null
  }
  if (named.kind === 'keeper') return { kind: 'keeper' }
  if (named.kind === 'independent') {
    const { nodes = 3, replicas = 1 } = named
    return isCount(nodes) && isCount(replicas) ? { kind: 'independent', nodes, replicas } : null
  }
  const { replicas = 1 } = named
  return named.kind === 'replicated' && isCount(replicas) ? { kind: 'replicated', replicas } : null
}

function workloadIn(input: unknown, workloads: readonly Workload[]): Workload | null {
  const named = valueAt(input, ['workload'])
  if (!isMapping(named)) return null
  const [workload, ...more] = workloads.filter(({ kind }) => Object.hasOwn(named, kind))
  return more.length > 0 ? null : (workload ?? null)
}

const unknownProcess = (name: string, cast: Cast): string =>
  `unknown process ${shown(name)} (there is ${cast.map((member) => member.name).join(', ')})`

/** As many as the schema allows at most, so that a wrong number does not fill the memory. */
const isCount = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 100

function listAt(input: unknown, path: Path): readonly unknown[] {
  const value = valueAt(input, path)
  return Array.isArray(value) ? value : []
}

/** Where a text stands in plain data; null: nowhere. */
function pathOf(value: unknown, text: string): Path | null {
  if (value === text) return []
  if (typeof value !== 'object' || value === null) return null
  for (const [key, item] of Object.entries(value)) {
    const rest = pathOf(item, text)
    if (rest !== null) return [key, ...rest]
  }
  return null
}
