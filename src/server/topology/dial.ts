/** A server's connections to other servers: over the network of the world, like those of clients. */
import type { Network } from '../../net/network.ts'
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
