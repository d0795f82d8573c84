/**
 * Where the machines of a world stand: anywhere, or each client beside a node of its own, as in data centres with one node and
 * some clients each.
 */
import type { Latency } from '../net/link.ts'
import { type Cast, namesOf } from './cast.ts'

/** How long messages between two machines are under way when client and node stand beside each other, in the order of both. */
export function besideEachOther(cast: Cast, latency: Latency): (from: string, to: string) => Latency {
  const clients = namesOf(cast, 'client')
  const nodes = namesOf(cast, 'redis')
  const near: Latency = { minUs: latency.minUs, maxUs: latency.minUs }
  const far: Latency = { minUs: latency.maxUs, maxUs: latency.maxUs }
  const between = (client: string, node: string): Latency =>
    nodes[clients.indexOf(client) % nodes.length] === node ? near : far
  return (from, to) => {
    if (clients.includes(from) && nodes.includes(to)) return between(from, to)
    return clients.includes(to) && nodes.includes(from) ? between(to, from) : latency
  }
}
