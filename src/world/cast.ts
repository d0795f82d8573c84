/**
 * The cast of a world: its processes, by name, with what they are, where they listen, and whether they vote on a lock.
 *
 *   A, B, C, …        the clients
 *   redis-1, …        the Redis nodes of the topology; keeper-1: the coordination service in their place
 *   sentinel-1, …     the Sentinels that look after them, if it has any
 *   storage           the protected resource, if the workload needs it
 *
 * Other folders ask the cast: none makes up a name, or looks at how one begins.
 */
import type { Promotion } from '../fault/draws.ts'
import type { Role } from '../fault/fault.ts'
import type { Address } from '../net/names.ts'
import { REDIS_PORT, SENTINEL_PORT } from '../server/ports.ts'
import { nodesOf, type Subject } from '../subject/subject.ts'
import { workloadOf } from '../workload/registry.ts'
import type { Workload } from '../workload/workload.ts'
import type { Plan } from './plan.ts'
import { hasReplicas, nodeCount, primaryCount, replicasOf, sentinelCount, type Topology } from './topology.ts'

export type Member = { readonly name: string; readonly role: 'client' } | ServerMember

export interface ServerMember {
  readonly name: string
  readonly role: Exclude<Role, 'client'>
  /** Where it listens. */
  readonly address: Address
  /** Whether what it holds counts: of servers that replicate it is a primary's, which is another one after a failover. */
  readonly votes: boolean
}

export type Cast = readonly Member[]

/** The cast of a plan. */
export const castOf = (plan: Pick<Plan, 'clients' | 'topology' | 'workload'>, workloads?: readonly Workload[]): Cast =>
  assemble(plan.clients, plan.topology, workloadOf(plan.workload, workloads))

/** A number of clients, the nodes of a topology, and what a workload needs. */
export const assemble = (clients: number, topology: Topology, { storage }: Pick<Workload, 'storage'>): Cast => [
  ...Array.from({ length: clients }, (_, index) => client(clientName(index))),
  ...Array.from({ length: nodeCount(topology) }, (_, index) =>
    node(topology.kind === 'keeper' ? KEEPER : nodeName(index), index < primaryCount(topology)),
  ),
  ...Array.from({ length: sentinelCount(topology) }, (_, index) => sentinel(`sentinel-${index + 1}`)),
  ...(storage === undefined ? [] : [STORAGE]),
]

const KEEPER = 'keeper-1'
/** The name of the nth Redis node. */
export const nodeName = (index: number): string => `redis-${index + 1}`

const client = (name: string): Member => ({ name, role: 'client' })
const node = (name: string, votes: boolean): Member => ({
  name,
  role: 'redis',
  address: { host: name, port: REDIS_PORT },
  votes,
})
const sentinel = (name: string): ServerMember => ({
  name,
  role: 'sentinel',
  address: { host: name, port: SENTINEL_PORT },
  votes: false,
})
export const STORAGE: ServerMember = {
  name: 'storage',
  role: 'storage',
  address: { host: 'storage', port: 8080 },
  votes: false,
}

/** The names of those with this role. */
export const namesOf = (cast: Cast, role: Role): readonly string[] =>
  cast.filter((member) => member.role === role).map(({ name }) => name)

/** The nodes whose keys decide who has the lock: those that vote, or the only one that the lock asks. */
export function votersIn(cast: Cast, subject: Subject): readonly ServerMember[] {
  const voters = cast.filter((member) => member.role === 'redis' && member.votes) as readonly ServerMember[]
  return nodesOf(subject) > 1 ? voters : voters.slice(0, 1)
}

/** The name of the nth client: A … Z, AA, AB, … */
export function clientName(index: number): string {
  const letter = String.fromCharCode(65 + (index % 26))
  return index < 26 ? letter : clientName(Math.floor(index / 26) - 1) + letter
}

/** Each replica of a topology, with the primary that it follows in the beginning; primary by primary. */
export function promotionsIn(topology: Topology): readonly Promotion[] {
  if (topology.kind !== 'cluster' && !hasReplicas(topology)) return []
  const primaries = primaryCount(topology)
  return Array.from({ length: primaries }, (_, primary) =>
    replicasOf({ primaries, replicas: topology.replicas }, primary).map((replica) => ({
      primary: nodeName(primary),
      replica: nodeName(replica),
    })),
  ).flat()
}
