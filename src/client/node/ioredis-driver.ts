/**
 * `--client ioredis` and `--client iovalkey`: the user's own, unmodified driver over a simulated socket. iovalkey is a
 * fork of ioredis with the same constructor.
 *
 * With its default options but one: `disableClientInfo`, because CLIENT SETINFO would be two more commands of every
 * connection, at which faults strike that say nothing about a lock.
 */
import type { ClusterOptions, RedisOptions } from 'ioredis'
import { UsageError } from '../../sim/usage-error.ts'
import type { Driver } from '../driver.ts'
import { doubling, lengthening } from '../reconnecting.ts'
import { requirePackage } from './optional-package.ts'

type IoredisConstructor = new (
  options: RedisOptions,
) => {
  once(event: 'ready' | 'error' | 'end', listener: (error?: Error) => void): unknown
  on(event: 'error', listener: () => void): unknown
}

type ClusterConstructor = new (
  nodes: readonly { readonly host: string; readonly port: number }[],
  options: ClusterOptions,
) => {
  once(event: 'ready', listener: () => void): unknown
  on(event: 'error', listener: () => void): unknown
}

/**
 * Loads a driver of the ioredis family. Virtual modules must be installed before.
 * @param name the package: `ioredis`, `iovalkey`, or an alias under which another version is installed
 * @throws UsageError when it is not installed, or is older than ioredis 5
 */
export function loadIoredisDriver(name = 'ioredis', options: RedisOptions = {}): Driver {
  const { exports, major } = requirePackage(name, name === 'iovalkey' ? 'iovalkey' : 'ioredis')
  const { Redis, Cluster } = exports as { readonly Redis?: IoredisConstructor; readonly Cluster: ClusterConstructor }
  if (Redis === undefined) throw new UsageError(name, `its version ${major} is too old`, `npm install ${name}@latest`)
  return {
    connect: (_process, _network, { host, port }, onMade) =>
      new Promise((resolve) => {
        const redis = new Redis({ host, port, disableClientInfo: true, ...options })
        // Without a listener ioredis prints every connection error; what matters reaches the caller of the command.
        redis.on('error', () => {})
        redis.once('ready', () => resolve(redis))
        onMade?.(redis)
      }),
    connectSentinel: (_process, _network, { name: called, sentinels }) =>
      new Promise((resolve) => {
        const addresses = sentinels.map(({ host, port }) => ({ host, port }))
        const redis = new Redis({ sentinels: addresses, name: called, disableClientInfo: true, ...options })
        redis.on('error', () => {})
        redis.once('ready', () => resolve(redis))
      }),
    connectCluster: (_process, _network, nodes) =>
      new Promise((resolve) => {
        const cluster = new Cluster(
          nodes.map(({ host, port }) => ({ host, port })),
          { redisOptions: { disableClientInfo: true, ...options } },
        )
        cluster.on('error', () => {})
        cluster.once('ready', () => resolve(cluster))
      }),
    // iovalkey is at 0.x, a fork of ioredis 5.
    pauseUs: major >= 6 ? doubling(5_000_000) : lengthening(2_000_000),
  }
}
