/** A server's connections to other servers: over the network of the world, like those of clients. */
import type { Endpoint, EndpointHandler } from '../../net/connection.ts'
import type { Network } from '../../net/network.ts'
import type { BusDial, BusHandler, BusMessage, BusSocket } from '../../redis/cluster/bus.ts'
import type { Dial } from '../../redis/replication/primary-link.ts'
import type { SimProcess } from '../../sim/process.ts'

/** Does something in a server, at its present time; `by` is who caused it. */
export type InServer = (task: () => void, by: string) => void

/** Opens connections in the name of a server's process. */
export const dialFrom =
  (process: SimProcess, network: Network, inServer: InServer): Dial =>
  (host, port, handler) => {
    const endpoint = network.connect(process, { host, port }, 'bytes', {
      onOpen: () => inServer(() => handler.onOpen(), host),
      onMessage: (message) => inServer(() => handler.onBytes(message as string), host),
      onClose: () => inServer(() => handler.onClose(), host),
    })
    return { send: (bytes) => endpoint.send(bytes), close: () => endpoint.close() }
  }

const socketOf = (endpoint: Endpoint): BusSocket => ({
  send: (message) => endpoint.send(message),
  close: () => endpoint.close(),
})

/** The same to the bus ports of a cluster, where messages are plain data. */
export const busDialFrom =
  (process: SimProcess, network: Network, inServer: InServer): BusDial =>
  (host, busPort, handler) =>
    socketOf(
      network.connect(process, { host, port: busPort }, 'messages', {
        onOpen: () => inServer(() => handler.onOpen(), host),
        onMessage: (message) => inServer(() => handler.onMessage(message as BusMessage), host),
        onClose: () => inServer(() => handler.onClose(), host),
      }),
    )

/** A node's end of a connection that another node has opened to its bus port. */
export function acceptBus(
  endpoint: Endpoint,
  inServer: InServer,
  accept: (socket: BusSocket) => BusHandler,
): EndpointHandler {
  const { process, peer } = endpoint
  const from = peer.process.name
  const handler = accept(socketOf(endpoint))
  let isFirst = true
  const hear = (message: BusMessage): void => inServer(() => handler.onMessage(message), from)
  return {
    onMessage: (message) => {
      if (!isFirst) {
        hear(message as BusMessage)
        return
      }
      isFirst = false
      // A server accepts in one turn of its loop and reads in the next: what other connections have sent comes before.
      process.world.schedule(process.world.nowUs, process, 'io', () => hear(message as BusMessage))
    },
    onClose: () => inServer(() => handler.onClose(), from),
  }
}
