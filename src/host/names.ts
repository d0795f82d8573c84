/**
 * Where a connection leads that code under test opens. A name that is no machine of the world (`cache.internal`,
 * `prod.example.com`, the path of a Unix socket) leads to the first Redis node, so that an application runs with its own
 * settings. Which names these were is kept with the network, for reports.
 */
import type { Address } from '../net/names.ts'
import type { Network } from '../net/network.ts'
import { refuse } from './refuse.ts'

/** Ports of what is certainly no Redis: an answer in Redis's words would only confuse. */
const OTHERS = new Map([
  [25, 'a mail server'],
  [80, 'a web server'],
  [443, 'a web server'],
  [1433, 'SQL Server'],
  [3306, 'MySQL'],
  [5432, 'PostgreSQL'],
  [5672, 'RabbitMQ'],
  [9092, 'Kafka'],
  [11211, 'memcached'],
  [27017, 'MongoDB'],
])

/** Where an address leads. `port` 0: a Unix socket, and `host` is its path. */
export function leadTo(network: Network, wanted: Address): Address {
  const { host, port } = wanted
  if (network.hasHost(host)) return wanted
  const other = OTHERS.get(port)
  if (other !== undefined) {
    refuse(
      `a connection to ${host}:${port}`,
      `${other} is not part of the simulated world`,
      'give the code under test something else in its place',
    )
  }
  const address = network.resolve(wanted)
  if (network.hasHost(address.host) || network.substitute === null) return address
  network.substituted.add(port === 0 ? host : `${host}:${port}`)
  return network.substitute
}
