/**
 * Between a scenario file and the plan of its worlds, both ways: a storm that was found can be written down as a scenario
 * would write it, which is what replay files and the tokens of storms hold, and what people read.
 *
 * Invariants
 * - Reading what was written gives the same plan.
 * - What equals the default of scenario files is left out, so that only what matters is there to be read.
 */

import * as z from 'zod'
import type { FaultKind, PlannedFault } from '../fault/fault.ts'
import { writeSettings } from '../fault/planned-fault.ts'
import { faultKind } from '../fault/registry.ts'
import type { Persistence } from '../redis/persistence/persistence.ts'
import { assert } from '../sim/assert.ts'
import { writeUs } from '../sim/units.ts'
import { WORKLOADS, type WorkloadPlan } from '../workload/registry.ts'
import type { Workload } from '../workload/workload.ts'
import type { Plan } from '../world/plan.ts'
import { type ClusterTopology, hasReplicas, nodeCount, type Topology, topologyOf } from '../world/topology.ts'
import { describeAnchor, parseAnchor } from './anchor.ts'
import { type ScenarioFile, scenarioSchema } from './schema.ts'

/** A plan without what each world has of its own. */
export type StormPlan = Omit<Plan, 'seed' | 'client'>

/** In the words of scenario files: what decides a storm, without title, story and expectations. */
export type WrittenPlan = Readonly<Record<string, unknown>>

/** The plan that a checked scenario file describes. */
export function planOf(name: string, file: ScenarioFile, kinds: readonly FaultKind[]): StormPlan {
  return {
    scenario: name,
    clients: file.clients,
    ...(file.callers > 1 ? { callers: file.callers } : {}),
    topology: file.topology === undefined ? topologyOf(file.nodes) : topologyIn(file.topology),
    ...(file.persistence === undefined ? {} : { persistence: persistenceIn(file.persistence) }),
    ...(file['redis-version'] === undefined ? {} : { redisVersion: file['redis-version'] }),
    ttlMs: file.ttl / 1_000,
    latency: file.latency,
    ...(file.placement === 'beside' ? { placement: 'beside' } : {}),
    workload: workloadPlan(file.workload),
    faults: file.faults.map((fault) => plannedFault(fault, kinds)),
    headStartUs: file['head-start'],
    ...(file.stagger > 0 ? { staggerUs: file.stagger } : {}),
    settleUs: file.settle ?? SETTLE_RATIO * file.ttl,
    ...(file.order === undefined ? {} : { order: file.order }),
  }
}

/** How many leases everything has to settle, unless a scenario says otherwise. */
const SETTLE_RATIO = 3

/** A plan, as a scenario file would write it. */
export function writePlan(plan: StormPlan): WrittenPlan {
  const ttlUs = plan.ttlMs * 1_000
  const file: ScenarioFile = {
    ...UNTOLD,
    workload: { [plan.workload.kind]: plan.workload },
    clients: plan.clients,
    callers: plan.callers ?? 1,
    ...writtenTopology(plan.topology),
    ...(plan.persistence === undefined ? {} : { persistence: writtenPersistence(plan.persistence) }),
    ...(plan.redisVersion === undefined ? {} : { 'redis-version': plan.redisVersion }),
    ttl: ttlUs,
    latency: plan.latency,
    placement: plan.placement ?? 'anywhere',
    'head-start': plan.headStartUs,
    stagger: plan.staggerUs ?? 0,
    ...(plan.settleUs === SETTLE_RATIO * ttlUs ? {} : { settle: plan.settleUs }),
    faults: [],
    ...(plan.order === undefined ? {} : { order: [...plan.order] }),
  }
  const written = z.encode(SCHEMA, file) as Readonly<Record<string, unknown>>
  const kept = Object.entries(written).filter(([key, value]) => !isDefault(key, value))
  const faults = plan.faults.map(writeFault)
  return { ...Object.fromEntries(kept), ...(faults.length === 0 ? {} : { faults }) }
}

type PersistenceFile = NonNullable<ScenarioFile['persistence']>

const persistenceIn = (file: PersistenceFile): Persistence =>
  typeof file === 'string' ? { kind: file } : { kind: 'rdb', save: file.rdb }

const writtenPersistence = ({ kind, save }: Persistence): PersistenceFile => (save === undefined ? kind : { rdb: save })

type TopologyFile = NonNullable<ScenarioFile['topology']>

function topologyIn(file: TopologyFile): Topology {
  if (file.kind === 'keeper') return file
  if (file.kind === 'cluster') return clusterIn(file)
  const { replicas, 'min-replicas-to-write': minReplicasToWrite, 'min-replicas-max-lag': minReplicasMaxLagS } = file
  const replicated = {
    replicas,
    ...(minReplicasToWrite === undefined ? {} : { minReplicasToWrite }),
    ...(minReplicasMaxLagS === undefined ? {} : { minReplicasMaxLagS }),
  }
  if (file.kind === 'replicated') return { kind: file.kind, ...replicated }
  if (file.kind === 'independent') return { kind: file.kind, nodes: file.nodes, ...replicated }
  const { kind, sentinels, quorum, name } = file
  const { 'parallel-syncs': parallelSyncs, 'replica-priorities': replicaPriorities } = file
  return {
    ...{ kind, ...replicated, sentinels, quorum },
    downAfterMs: file['down-after'] / 1_000,
    failoverTimeoutMs: file['failover-timeout'] / 1_000,
    ...(parallelSyncs === undefined ? {} : { parallelSyncs }),
    ...(replicaPriorities === undefined ? {} : { replicaPriorities }),
    ...(name === undefined ? {} : { name }),
  }
}

const clusterIn = ({
  kind,
  primaries,
  replicas,
  'node-timeout': nodeTimeoutUs,
  'min-replicas-to-write': minReplicasToWrite,
}: TopologyFile & { readonly kind: 'cluster' }): Topology => ({
  ...{ kind, primaries, replicas, nodeTimeoutMs: nodeTimeoutUs / 1_000 },
  ...(minReplicasToWrite === undefined ? {} : { minReplicasToWrite }),
})

function writtenTopology(topology: Topology): Pick<ScenarioFile, 'nodes' | 'topology'> {
  if (topology.kind === 'keeper') return { nodes: 1, topology }
  if (topology.kind === 'cluster') return { nodes: 1, topology: writtenCluster(topology) }
  if (!hasReplicas(topology)) return { nodes: nodeCount(topology) }
  const { replicas, minReplicasToWrite, minReplicasMaxLagS } = topology
  const replicated = {
    replicas,
    ...(minReplicasToWrite === undefined ? {} : { 'min-replicas-to-write': minReplicasToWrite }),
    ...(minReplicasMaxLagS === undefined ? {} : { 'min-replicas-max-lag': minReplicasMaxLagS }),
  }
  if (topology.kind === 'replicated') return { nodes: 1, topology: { kind: topology.kind, ...replicated } }
  if (topology.kind === 'independent')
    return { nodes: 1, topology: { kind: topology.kind, nodes: topology.nodes, ...replicated } }
  const { kind, sentinels, quorum, downAfterMs, failoverTimeoutMs, parallelSyncs, replicaPriorities, name } = topology
  return {
    nodes: 1,
    topology: {
      ...{ kind, ...replicated, sentinels, quorum },
      'down-after': downAfterMs * 1_000,
      'failover-timeout': failoverTimeoutMs * 1_000,
      ...(parallelSyncs === undefined ? {} : { 'parallel-syncs': parallelSyncs }),
      ...(replicaPriorities === undefined ? {} : { 'replica-priorities': [...replicaPriorities] }),
      ...(name === undefined ? {} : { name }),
    },
  }
}

const writtenCluster = ({
  kind,
  primaries,
  replicas,
  nodeTimeoutMs,
  minReplicasToWrite,
}: ClusterTopology): TopologyFile => ({
  ...{ kind, primaries, replicas, 'node-timeout': nodeTimeoutMs * 1_000 },
  ...(minReplicasToWrite === undefined ? {} : { 'min-replicas-to-write': minReplicasToWrite }),
})

/** One fault, as a scenario file writes it: `{ pause: { process: A, for: 2s }, at: A before send 3 }`. */
export const writeFault = (fault: PlannedFault): Readonly<Record<string, unknown>> => ({
  [fault.kind]: writeSettings(fault),
  at: describeAnchor(fault.at, writeUs),
})

/** The fault that was written so. */
export function readFault({ at, ...written }: Readonly<Record<string, unknown>>): PlannedFault {
  const [[name = '', settings] = []] = Object.entries(written)
  const kind = faultKind(name)
  const anchor = parseAnchor(String(at))
  assert(kind !== undefined && anchor !== null, `a fault that was written can be read: ${name}`)
  return { kind: name, settings: kind.schema.parse(settings) as PlannedFault['settings'], at: anchor }
}

const SCHEMA = scenarioSchema([])

/** Of a scenario file, what is told and not run. */
const UNTOLD = {
  title: '-',
  story: '-',
  teaches: [],
  tags: [],
  subjects: 'all' as const,
  runs: 1,
  expect: {},
  'expect-direct': {},
}

/** What a file says that says nothing. */
const DEFAULTS = z.encode(
  SCHEMA,
  SCHEMA.parse({ ...UNTOLD, workload: { [(WORKLOADS[0] as Workload).kind]: {} } }),
) as Record<string, unknown>

const isDefault = (key: string, value: unknown): boolean =>
  key in UNTOLD || (key !== 'workload' && JSON.stringify(value) === JSON.stringify(DEFAULTS[key]))

function plannedFault(fault: ScenarioFile['faults'][number], kinds: readonly FaultKind[]): PlannedFault {
  const { at, ...byKind } = fault
  const kind = kinds.find(({ name }) => Object.hasOwn(byKind, name))
  assert(kind !== undefined, 'a checked fault has one kind')
  const settings = (byKind as Record<string, unknown>)[kind.name] as Readonly<Record<string, unknown>>
  return { kind: kind.name, settings, at }
}

function workloadPlan(file: ScenarioFile['workload']): WorkloadPlan {
  const found = Object.entries(file).find(([, settings]) => settings !== undefined)
  assert(found !== undefined, 'a checked workload is one of those that the schema knows')
  const [kind, settings] = found
  return { kind, ...settings } as WorkloadPlan
}
