/** The Sentinels of a world: what they look after, whom they know from the start, and where code under test finds them. */
import type { SentinelAddresses } from '../client/driver.ts'
import type { MonitorOptions } from '../redis/sentinel/monitored-primary.ts'
import { sentinelId } from '../redis/sentinel/sentinel.ts'
import { SENTINEL_PORT } from '../server/ports.ts'
import { type Cast, namesOf, type ServerMember } from './cast.ts'
import type { SentinelTopology, Topology } from './topology.ts'

/** By which clients ask for the primary, unless a scenario has another name. */
const PRIMARY = 'mymaster'
/** Several Sentinels on one machine, as in a test, listen at ports that follow each other. */
const PORTS = 20

const membersOf = (cast: Cast, role: ServerMember['role']): readonly ServerMember[] =>
  cast.filter((member) => member.role === role) as readonly ServerMember[]

/** Where clients ask for the primary; null: there are no Sentinels. */
export function sentinelsOf(topology: Topology, cast: Cast): SentinelAddresses | null {
  if (topology.kind !== 'sentinel') return null
  return { name: topology.name ?? PRIMARY, sentinels: membersOf(cast, 'sentinel').map(({ address }) => address) }
}

/** Whether a Sentinel is meant that is looked for at this port of some machine. */
export const isSentinelPort = (port: number): boolean => port >= SENTINEL_PORT && port < SENTINEL_PORT + PORTS

/** What the configuration file of one of them says, which has been running for long. */
export function monitorOf(topology: SentinelTopology, cast: Cast, name: string, seed: string): MonitorOptions {
  const [primary, ...replicas] = membersOf(cast, 'redis').map(({ address }) => address)
  const { quorum, downAfterMs, failoverTimeoutMs, parallelSyncs } = topology
  const others = membersOf(cast, 'sentinel').filter((member) => member.name !== name)
  return {
    ...{ name: topology.name ?? PRIMARY, quorum, downAfterMs, failoverTimeoutMs, replicas },
    address: primary as ServerMember['address'],
    ...(parallelSyncs === undefined ? {} : { parallelSyncs }),
    sentinels: others.map(({ name: other, address }) => ({ ...address, id: sentinelId(`${seed}/${other}`) })),
  }
}

/** `replica-priority` of a node. */
export function priorityOf(topology: Topology, cast: Cast, name: string): number {
  const at = namesOf(cast, 'redis').indexOf(name) - 1
  return (topology.kind === 'sentinel' ? topology.replicaPriorities?.[at] : undefined) ?? DEFAULT_PRIORITY
}

const DEFAULT_PRIORITY = 100
