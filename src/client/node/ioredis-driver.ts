/**
 * `--client ioredis`: the user's own, unmodified ioredis over a simulated socket.
 *
 * With its default options but two: `disableClientInfo`, because ioredis reads its own package.json for CLIENT SETINFO
 * and real files do not exist in a world; and no colour in error stacks.
 */
import { createRequire } from 'node:module'
import type { RedisOptions } from 'ioredis'
import { UsageError } from '../../sim/usage-error.ts'
import type { Driver } from '../driver.ts'

type IoredisConstructor = new (
  options: RedisOptions,
) => {
  once(event: 'ready' | 'error' | 'end', listener: (error?: Error) => void): unknown
  on(event: 'error', listener: () => void): unknown
}

/**
 * Loads ioredis and makes a driver of it. Virtual modules must be installed before.
 * @throws UsageError when ioredis is not installed.
 */
export function loadIoredisDriver(options: RedisOptions = {}): Driver {
  const require = createRequire(import.meta.url)
  let Redis: IoredisConstructor
  try {
    Redis = (require('ioredis') as { Redis: IoredisConstructor }).Redis
  } catch (cause) {
    throw new UsageError(
      '--client ioredis',
      'the package ioredis is not installed',
      'npm install ioredis, or use --client direct',
      { cause },
    )
  }
  return {
    connect: (_process, _network, host, onMade) =>
      new Promise((resolve) => {
        const redis = new Redis({ host, port: 6379, disableClientInfo: true, ...options })
        // Without a listener ioredis prints every connection error; what matters reaches the caller of the command.
        redis.on('error', () => {})
        redis.once('ready', () => resolve(redis))
        onMade?.(redis)
      }),
  }
}
