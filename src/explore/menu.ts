/**
 * What an exhaustive hunt makes happen at each site: every kind of fault that can matter there, with sizes around the lease,
 * because what breaks locks is what lasts just under, exactly, or longer than that; and once for several leases, because what
 * looks at a lock every lease (a check for stalled jobs, a renewal, a waiter) may have to look twice. Each fault says itself what
 * it has for which place (`fault/menu-place.ts`).
 */

import { isLeftToDisk } from '../fault/effect.ts'
import type { FaultKind, PlannedFault } from '../fault/fault.ts'
import type { Menu, MenuPlace } from '../fault/menu-place.ts'
import { effectsOf, kindOf } from '../fault/planned-fault.ts'
import { FAULTS, inMenuOrder } from '../fault/registry.ts'
import type { TroubleName } from '../server/trouble.ts'
import { type Cast, castOf, namesOf, nodeName, promotionsIn } from '../world/cast.ts'
import type { Plan } from '../world/plan.ts'
import { meets, nodeCount, type Topology } from '../world/topology.ts'
import { anchorAt, type SeenSite } from './site.ts'

/** Just under, at, and over the lease, and more than three leases, in tenths of one. */
const [UNDER, EQUAL, OVER, LEASES] = [9, 10, 12, 32] as const

type Moment = keyof Menu<never>

/** The kinds of faults that have something for a moment, in the order in which they are tried. */
const kindsWith = (moment: Moment): readonly FaultKind[] =>
  inMenuOrder(FAULTS).filter(({ menu }) => menu?.[moment] !== undefined)
const KINDS: Readonly<Record<Moment, readonly FaultKind[]>> = {
  clientAtStart: kindsWith('clientAtStart'),
  nodeAtStart: kindsWith('nodeAtStart'),
  clientAtSend: kindsWith('clientAtSend'),
  clientAtReply: kindsWith('clientAtReply'),
  nodeAtSend: kindsWith('nodeAtSend'),
}

/** What narrows or widens the menu. */
export interface MenuOptions {
  /** The second fault of a pair has the longest magnitude only. */
  readonly isSecond: boolean
  /** Redis may forget what it acknowledged. */
  readonly isLossy: boolean
  /** The trouble that this Redis cannot have. */
  readonly lacks?: readonly TroubleName[]
}

const AT_START = { kind: 'time', atUs: 0 } as const

/** The faults that are there from the start. */
export function faultsAtStart(plan: Plan, options: MenuOptions): readonly PlannedFault[] {
  const cast = castOf(plan)
  const table = { plan, ...serversOf(cast), options }
  const { nodes } = table
  const faults = [
    ...namesOf(cast, 'client').flatMap((client) => tried('clientAtStart', client, table)),
    ...nodes.flatMap((node) => tried('nodeAtStart', node, table)),
  ]
  // Kind by kind, and of each kind machine by machine.
  return inMenuOrder(FAULTS).flatMap(({ name }) => faults.filter(({ kind }) => kind === name))
}

/** The faults that can strike at these sites. */
export function faultsAt(sites: readonly SeenSite[], plan: Plan, options: MenuOptions): readonly PlannedFault[] {
  const table = { plan, ...serversOf(castOf(plan)), options }
  // Sites of one client differ in their anchor alone.
  const menus = new Map<string, readonly PlannedFault[]>()
  return sites.flatMap((seen) => {
    const { site, process } = seen
    const key = `${process} ${site}`
    let menu = menus.get(key)
    if (menu === undefined) {
      menu = site === 'reply' ? tried('clientAtReply', process, table) : atSend(process, table)
      menus.set(key, menu)
    }
    const at = anchorAt(seen)
    return menu.map(({ kind, settings }) => ({ kind, settings, at }))
  })
}

/** The Redis nodes that clients ask, and the Sentinels. */
const serversOf = (cast: Cast): Pick<Table, 'nodes' | 'sentinels'> => ({
  nodes: cast.filter((member) => member.role === 'redis' && member.votes).map(({ name }) => name),
  sentinels: namesOf(cast, 'sentinel'),
})

/** What all that is tried in one plan has in common. */
interface Table {
  readonly plan: Plan
  readonly nodes: readonly string[]
  readonly sentinels: readonly string[]
  readonly options: MenuOptions
}

const atSend = (client: string, table: Table): readonly PlannedFault[] => [
  ...tried('clientAtSend', client, table),
  ...table.nodes.flatMap((node) => tried('nodeAtSend', node, table)),
]

/** What there is for this process at such a moment. */
function tried(moment: Moment, process: string, { plan, nodes, sentinels, options }: Table): PlannedFault[] {
  const { isSecond, isLossy, lacks = [] } = options
  const [under = 0, equal = 0, over = 0, leases = 0] = [UNDER, EQUAL, OVER, LEASES].map((size) => tenths(plan, size))
  const place = {
    process,
    nodes,
    sentinels,
    promotedUs: promotedUs(plan),
    ...replicasAt(process, plan.topology),
    aroundLeaseUs: isSecond ? [over] : [under, equal, over, leases],
    besideLeaseUs: isSecond ? [over] : [under, over, leases],
    overLeaseUs: over,
    leasesUs: leases,
    hasDisk: plan.persistence !== undefined,
    isSecond,
  }
  const faults = KINDS[moment].flatMap(
    ({ name: kind, menu }) => menu?.[moment]?.(place).map((settings) => ({ kind, settings, at: AT_START })) ?? [],
  )
  return faults.filter((fault) => {
    if (!meets(kindOf(fault).needs, plan.topology)) return false
    const trouble = kindOf(fault).trouble?.(fault.settings) ?? null
    return (isLossy || !losesKeys(fault, nodes, plan)) && (trouble === null || !lacks.includes(trouble))
  })
}

/** Until it is found down, by most; then about two seconds until all clients are sent to another one. */
function promotedUs({ topology }: Plan): number {
  if (topology.kind === 'cluster') return (2 * topology.nodeTimeoutMs + ELECTION_MS) * 1_000
  return topology.kind === 'sentinel' ? (2 * topology.downAfterMs + PROMOTION_MS) * 1_000 : 0
}

/** Until a replica of a Cluster has asked for votes, and has them. */
const ELECTION_MS = 2_000

const PROMOTION_MS = 3_000
/** The servers that follow a node, as its topology has them. */
function replicasAt(
  process: string,
  topology: Topology,
): Pick<MenuPlace, 'replicas' | 'clusterReplicas' | 'clusterPeers'> {
  const own = promotionsIn(topology).flatMap(({ primary, replica }) => (primary === process ? [replica] : []))
  if (topology.kind !== 'cluster') return { replicas: own, clusterReplicas: [], clusterPeers: [] }
  const all = Array.from({ length: nodeCount(topology) }, (_, index) => nodeName(index))
  return { replicas: [], clusterReplicas: own, clusterPeers: all.filter((name) => name !== process) }
}

/** Whether a node forgets what it acknowledged. That its disk has not everything is what it is asked to be like. */
const losesKeys = (fault: PlannedFault, nodes: readonly string[], { persistence }: Plan): boolean =>
  effectsOf(fault).some(
    (effect) =>
      effect.kind === 'forgets' &&
      effect.what !== 'scripts' &&
      nodes.includes(effect.process) &&
      (persistence === undefined || !isLeftToDisk(effect)),
  )

const tenths = (plan: Plan, size: number): number => plan.ttlMs * 100 * size
