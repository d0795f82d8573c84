/** How the clients of a world get their connections: which driver opens them, and when there are enough of them to begin. */
import type { Driver } from '../client/driver.ts'
import type { Network } from '../net/network.ts'
import type { SimProcess } from '../sim/process.ts'
import { UsageError } from '../sim/usage-error.ts'
import { neededClient, type Subject } from '../subject/subject.ts'
import type { ServerMember } from './cast.ts'
import type { Environment } from './environment.ts'

/** What opens this subject's connections. */
export function driverOf(subject: Subject, environment: Environment<unknown>): Driver {
  const needed = neededClient(subject)
  if (needed === undefined) {
    environment.driver.load?.()
    return environment.driver
  }
  if (environment.driverFor !== undefined) return environment.driverFor(needed)
  throw new UsageError(subject.name, `it needs the client ${needed}, which there is not here`)
}

/** How long a client of several nodes waits for its connections before it begins with those that it has. */
const CONNECT_US_MAX = 100_000

/** One object for each node. A node that does not answer keeps no client from starting. */
export function connectToAll(
  driver: Driver,
  process: SimProcess,
  network: Network,
  nodes: readonly ServerMember[],
): Promise<unknown[]> {
  const made = new Map<number, unknown>()
  const ready = nodes.map(({ address }, index) =>
    driver.connect(process, network, address, (redis) => made.set(index, redis)),
  )
  return new Promise((resolve, reject) => {
    const timer = process.setTimer(CONNECT_US_MAX, () => {
      if (made.size === ready.length) resolve(nodes.map((_, index) => made.get(index)))
    })
    Promise.all(ready).then((connected) => {
      timer.cancel()
      resolve(connected)
    }, reject)
  })
}
