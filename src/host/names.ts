/**
 * Where a connection leads that code under test opens. A name that is no machine of the world (`cache.internal`,
 * `prod.example.com`, the path of a Unix socket) leads to the node that the settings say, or else to the first one, so that an
 * application runs with its own settings. Which names these were is kept with the network, for reports.
 */
import { type Address, LOOPBACK } from '../net/names.ts'
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
  const { host } = wanted
  if (!network.hasHost(host) && (LOOPBACK.includes(host) || network.resolve(wanted) === wanted)) refuseOthers(wanted)
  return leadToRedis(network, wanted)
}

/** Where an address leads at which certainly Redis is looked for. */
export function leadToRedis(network: Network, wanted: Address): Address {
  const { host, port } = wanted
  if (network.hasHost(host)) return wanted
  const known = network.resolve(wanted)
  const address = network.hasHost(known.host) ? known : network.substitute
  if (address === null) return known
  if (!LOOPBACK.includes(host) && !network.ownNames.has(host))
    network.ledTo.set(port === 0 ? host : `${host}:${port}`, address.host)
  return address
}

/** At these ports of a machine that nobody has named it is no Redis that is looked for. */
function refuseOthers({ host, port }: Address): void {
  const other = OTHERS.get(port)
  if (other === undefined) return
  refuse(
    `a connection to ${host}:${port}`,
    `${other} is not part of the simulated world`,
    'give the code under test something else in its place',
  )
}
