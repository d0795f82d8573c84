/**
 * How code under test gets a connected driver object: one implementation a kind of client.
 */
import type { Address } from '../net/names.ts'
import type { Network } from '../net/network.ts'
import type { SimProcess } from '../sim/process.ts'
import { createDirectCluster, createDirectRedis, type DirectRedis } from './direct.ts'
import { primaryFrom } from './primary-from.ts'
import { lengthening, type PauseUs } from './reconnecting.ts'

/** Where Sentinels are, and what they call the primary. */
export interface SentinelAddresses {
  readonly name: string
  readonly sentinels: readonly Address[]
}

/** Opens driver connections in the name of simulated processes. */
export interface Driver {
  /**
   * Resolves with an object that is ready for commands. Called in a turn of `process`. `onMade` is given the object at once,
   * for a client that does not wait until every node answers.
   */
  connect(process: SimProcess, network: Network, address: Address, onMade?: (redis: unknown) => void): Promise<unknown>
  /** The same, to the primary that Sentinels name. */
  connectSentinel(process: SimProcess, network: Network, addresses: SentinelAddresses): Promise<unknown>
  /** Loads its package before any code under test runs in the world: what that makes of the language would be in the package for good. */
  load?(): void
  /** The same to a Redis Cluster, of which these are nodes. */
  connectCluster(process: SimProcess, network: Network, nodes: readonly Address[]): Promise<unknown>
  /** How long it waits before it connects again. */
  readonly pauseUs: PauseUs
}

/** The first pause of ioredis before it connects again. */
const RECONNECT_US = 50_000

/** As every driver does: a server that is away is asked again. */
const opened = (process: SimProcess, redis: DirectRedis): Promise<DirectRedis> =>
  redis.connect().then(
    () => redis,
    () => new Promise((resolve) => process.setTimer(RECONNECT_US, () => resolve(opened(process, redis)))),
  )

/** `--client direct`: no driver at all. It stands for ioredis 5, and is granted the same pauses. */
export const directDriver: Driver = {
  connect(process, network, address, onMade) {
    const redis = createDirectRedis(process, network, address)
    onMade?.(redis)
    return opened(process, redis)
  },
  connectSentinel: (process, network, { name, sentinels }) =>
    opened(process, createDirectRedis(process, network, primaryFrom(process, network, name, sentinels))),
  connectCluster: (process, network, nodes) => opened(process, createDirectCluster(process, network, nodes)),
  pauseUs: lengthening(2_000_000),
}
