/** A server's connections to other servers: over the network of the world, like those of clients. */
import type { Endpoint, EndpointHandler, Message } from '../../net/connection.ts'
import type { Network } from '../../net/network.ts'
import type { BusDial, BusHandler, BusSocket } from '../../redis/cluster/bus.ts'
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

const socketOf = (endpoint: Endpoint): BusSocket<unknown> => ({
  send: (message) => endpoint.send(message as Message),
  close: () => endpoint.close(),
})

/** The same to the bus ports of a cluster, where messages are what nodes make of them: plain data in memory. */
export const busDialFrom =
  (process: SimProcess, network: Network, inServer: InServer): BusDial<unknown> =>
  (host, busPort, handler) =>
    socketOf(
      network.connect(process, { host, port: busPort }, 'messages', {
        onOpen: () => inServer(() => handler.onOpen(), host),
        onMessage: (message) => inServer(() => handler.onMessage(message), host),
        onClose: () => inServer(() => handler.onClose(), host),
      }),
    )

/** A node's end of a connection that another node has opened to its bus port. */
export function acceptBus(
  endpoint: Endpoint,
  inServer: InServer,
  accept: (socket: BusSocket<unknown>) => BusHandler<unknown>,
): EndpointHandler {
  const { process, peer } = endpoint
  const from = peer.process.name
  const handler = accept(socketOf(endpoint))
  let isFirst = true
  const hear = (message: Message): void => inServer(() => handler.onMessage(message), from)
  return {
    onMessage: (message) => {
      if (!isFirst) {
        hear(message)
        return
      }
      isFirst = false
      // A server accepts in one turn of its loop and reads in the next: what other connections have sent comes before.
      process.world.schedule(process.world.nowUs, process, 'io', () => hear(message))
    },
    onClose: () => inServer(() => handler.onClose(), from),
  }
}
