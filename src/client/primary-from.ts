/**
 * Where the primary is, for the direct client: it asks one Sentinel after the other, as ioredis does, before each connection, and
 * connects to the first address that one of them gives.
 *
 * Does not model  looking whether that server is a primary: who is sent to a former one stays there, as with node-redis.
 */
import type { Address } from '../net/names.ts'
import type { Network } from '../net/network.ts'
import type { Reply } from '../redis/reply.ts'
import type { SimProcess } from '../sim/process.ts'
import { Channel, ConnectionError, type FindAddress } from './channel.ts'

export const primaryFrom =
  (process: SimProcess, network: Network, name: string, sentinels: readonly Address[]): FindAddress =>
  async () => {
    for (const sentinel of sentinels) {
      const channel = new Channel<Reply>(process, network, sentinel)
      try {
        const found = await channel.request(['sentinel', 'get-master-addr-by-name', name], addressIn)
        if (found !== null) return found
      } catch {
        // This one is away: the next one may not be.
      } finally {
        channel.close()
      }
    }
    throw new ConnectionError('no Sentinel knows the primary', true)
  }

function addressIn(reply: Reply): Address | null {
  const [host, port] = Array.isArray(reply) ? (reply as readonly Reply[]) : []
  return typeof host === 'string' && typeof port === 'string' ? { host, port: Number(port) } : null
}
