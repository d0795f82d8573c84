/**
 * `lockstorm serve --sentinel`: a primary, its replicas and the Sentinels that look after them, each on a port of this machine.
 * `requirepass` is the password of all of them.
 */
import { configurationOf, configuredValue } from '../../redis/config.ts'
import { amongEachOther, HOST, ServedRedis, type ServeOptions } from './served-redis.ts'

/** By which clients ask for the primary. */
export const PRIMARY_NAME = 'mymaster'
const REPLICAS = 2
const SENTINELS = 3
const QUORUM = 2
/** Half a minute is long for one who looks on. `SENTINEL SET` changes it. */
const DOWN_AFTER_MS = 2000
const FAILOVER_TIMEOUT_MS = 10_000
/** The port of the first Sentinel is so much higher than that of the primary, as those of Redis are. */
const SENTINEL_PORT_OFFSET = 20_000

export interface ServedSentinel {
  readonly primary: ServedRedis
  readonly replicas: readonly ServedRedis[]
  readonly sentinels: readonly ServedRedis[]
  /** Resolves when all have ended. */
  readonly ended: Promise<void>
  close(): void
}

/**
 * Starts them; `port` is the primary's, its replicas and the Sentinels have those behind it (0: any that are free).
 * @throws the error of `listen`, such as EADDRINUSE, when all that was started has ended
 */
export async function serveSentinel(options: ServeOptions): Promise<ServedSentinel> {
  const { port, seed } = options
  const configuration = new Map([...WITHOUT_DELAY, ...amongEachOther(options.configuration)])
  const password = configuredValue(configuration, 'requirepass')
  const started: ServedRedis[] = []
  const start = async (own: Partial<ServeOptions>, at: number, name: string): Promise<ServedRedis> => {
    const served = await ServedRedis.start({
      ...{ ...options, configuration, ...own },
      port: port === 0 ? 0 : at,
      seed: `${seed}/${name}`,
    })
    started.push(served)
    return served
  }
  try {
    const primary = await start({ follows: null }, port, 'primary')
    const address = { host: HOST, port: primary.port }
    const replicas = []
    for (let index = 1; index <= REPLICAS; index += 1) {
      replicas.push(await start({ follows: address }, port + index, `replica ${index}`))
    }
    const monitors = [
      {
        ...{ name: PRIMARY_NAME, address, quorum: QUORUM },
        ...{ downAfterMs: DOWN_AFTER_MS, failoverTimeoutMs: FAILOVER_TIMEOUT_MS, password },
        replicas: replicas.map((replica) => ({ host: HOST, port: replica.port })),
      },
    ]
    const sentinels = []
    for (let index = 0; index < SENTINELS; index += 1) {
      sentinels.push(await start({ monitors }, port + SENTINEL_PORT_OFFSET + index, `sentinel ${index}`))
    }
    return {
      ...{ primary, replicas, sentinels },
      ended: Promise.all(started.map(({ ended }) => ended)).then(() => {}),
      close: () => {
        for (const each of started) each.close()
      },
    }
  } catch (error) {
    for (const each of started) each.close()
    throw error
  }
}

/** Replicas are there at once, unless the user wants them to wait. */
const WITHOUT_DELAY = configurationOf([['repl-diskless-sync-delay', '0']])
