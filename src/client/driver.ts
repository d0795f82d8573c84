/**
 * How code under test gets a connected driver object: one implementation a kind of client.
 */
import type { Address } from '../net/names.ts'
import type { Network } from '../net/network.ts'
import type { SimProcess } from '../sim/process.ts'
import { createDirectRedis } from './direct.ts'
import { lengthening, type PauseUs } from './reconnecting.ts'

/** Opens driver connections in the name of simulated processes. */
export interface Driver {
  /**
   * Resolves with an object that is ready for commands. Called in a turn of `process`. `onMade` is given the object at once,
   * for a client that does not wait until every node answers.
   */
  connect(process: SimProcess, network: Network, address: Address, onMade?: (redis: unknown) => void): Promise<unknown>
  /** How long it waits before it connects again. */
  readonly pauseUs: PauseUs
}

/** The first pause of ioredis before it connects again. */
const RECONNECT_US = 50_000

/** `--client direct`: no driver at all. It stands for ioredis 5, and is granted the same pauses. */
export const directDriver: Driver = {
  async connect(process, network, address, onMade) {
    const redis = createDirectRedis(process, network, address)
    onMade?.(redis)
    for (;;) {
      try {
        await redis.connect()
        return redis
      } catch {
        // As every driver does: a server that is away is asked again.
        await new Promise<void>((resolve) => process.setTimer(RECONNECT_US, resolve))
      }
    }
  },
  pauseUs: lengthening(2_000_000),
}
