/**
 * `--client node-redis`: the user's own, unmodified `redis` package over a simulated socket, with its default options.
 *
 * `connect` of the world resolves when the client is ready; while the server cannot be reached node-redis tries again by
 * its own rules. From then on everything is the client's own: its queue, its reconnection, its RESP3.
 */
import type { RedisClientOptions, RedisClusterOptions, RedisSentinelOptions } from 'redis'
import { UsageError } from '../../sim/usage-error.ts'
import type { Driver } from '../driver.ts'
import { doubling, lengthening } from '../reconnecting.ts'
import { keepClasses } from './node-redis-classes.ts'
import { requirePackage } from './optional-package.ts'

/** How long until a Cluster is tried again of which no node has answered. */
const CONNECT_AGAIN_US = 500_000

interface Connecting {
  on(event: 'error', listener: () => void): unknown
  connect(): Promise<unknown>
}

interface NodeRedis {
  createClient(options: RedisClientOptions): Connecting
  createSentinel(options: RedisSentinelOptions): Connecting
  createCluster(options: RedisClusterOptions): Connecting
}

/**
 * Loads node-redis. Virtual modules and the virtual network must be installed before.
 * @param name the package: `redis`, or an alias under which another version is installed
 * @throws UsageError when it is not installed, or is older than node-redis 4
 */
export function loadNodeRedisDriver(name = 'redis', options: RedisClientOptions = {}): Driver {
  const { exports, major } = requirePackage(name, 'node-redis')
  const { createClient, createCluster, createSentinel } = exports as NodeRedis
  if (major < 4) throw new UsageError(name, `its version ${major} is too old`, `npm install ${name}@latest`)
  keepClasses()
  return {
    async connect(_process, _network, { host, port }, onMade) {
      const client = createClient({ ...options, socket: { host, port, ...options.socket } } as RedisClientOptions)
      // Without a listener an EventEmitter throws what it has to say; what matters reaches the caller of the command.
      client.on('error', () => {})
      onMade?.(client)
      await client.connect()
      return client
    },
    async connectSentinel(_process, _network, { name: called, sentinels }) {
      const sentinelRootNodes = sentinels.map(({ host, port }) => ({ host, port }))
      const client = createSentinel({
        name: called,
        sentinelRootNodes,
        nodeClientOptions: options,
      } as RedisSentinelOptions)
      client.on('error', () => {})
      await client.connect()
      return client
    },
    async connectCluster(process, _network, nodes) {
      const rootNodes = nodes.map(({ host, port }) => ({ socket: { host, port } }))
      for (;;) {
        const cluster = createCluster({ rootNodes, defaults: options } as RedisClusterOptions)
        cluster.on('error', () => {})
        try {
          await cluster.connect()
          return cluster
        } catch {
          // It gives up when no node answers; an application starts it again.
          await new Promise<void>((resolve) => process.setTimer(CONNECT_AGAIN_US, resolve))
        }
      }
    },
    pauseUs: major === 4 ? lengthening(500_000) : doubling(2_000_000),
  }
}
