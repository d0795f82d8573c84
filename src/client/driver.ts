/**
 * How code under test gets a connected driver object: one implementation a kind of client.
 */
import type { Network } from '../net/network.ts'
import type { SimProcess } from '../sim/process.ts'
import { createDirectRedis } from './direct.ts'

/** Opens driver connections in the name of simulated processes. */
export interface Driver {
  /** Resolves with an object that is ready for commands. Called in a turn of `process`. */
  connect(process: SimProcess, network: Network, host: string): Promise<unknown>
}

const RETRY_US = 50_000

/** `--client direct`: no driver at all. A server that is not up yet is asked again, as ioredis does. */
export const directDriver: Driver = {
  async connect(process, network, host) {
    const redis = createDirectRedis(process, network, host)
    for (;;) {
      try {
        await redis.connect()
        return redis
      } catch {
        // Refused or cut off: nothing was sent yet, so there is nobody to tell.
        await new Promise<void>((resolve) => {
          process.setTimer(RETRY_US, resolve)
        })
      }
    }
  },
}
