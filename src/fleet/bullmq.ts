/**
 * BullMQ, as the user has it: an optional peer, loaded when a fleet is asked for. Its connections are the only real ones beside those
 * of `--redis`; they are made in this thread, and code under test runs in others, where sockets lead into worlds.
 */
import { createRequire } from 'node:module'
import path from 'node:path'
import type * as bullmq from 'bullmq'
import { UnavailableError } from '../engine/provider.ts'
import { withoutPasswords } from '../engine/secrets.ts'
import { UsageError } from '../sim/usage-error.ts'

type Bull = typeof bullmq

export type { Job, Queue, QueueEvents } from 'bullmq'

/** A worker that gives no sign for so long has lost its unit. Shorter than a worker thread may spin, so a pause is never a verdict. */
export const LOCK_MS = 9_000
const REACH_MS = 10_000

/** A way to the queue's Redis, and what BullMQ makes of it. */
export interface Bus {
  readonly bull: Bull
  readonly connection: bullmq.ConnectionOptions
  /** Without its password. */
  readonly url: string
}

/**
 * Loads BullMQ from the current folder, or else from beside lockstorm.
 * @throws UsageError when it is not installed
 */
export function openBus(url: string): Bus {
  const { hostname, port, username, password, pathname, protocol } = new URL(url)
  return {
    bull: loadBull(),
    url: withoutPasswords(url),
    connection: {
      host: hostname.replace(/^\[(.*)\]$/, '$1'),
      port: port === '' ? 6379 : Number(port),
      ...(username === '' ? {} : { username: decodeURIComponent(username) }),
      ...(password === '' ? {} : { password: decodeURIComponent(password) }),
      db: Number(pathname.slice(1) || 0),
      ...(protocol === 'rediss:' ? { tls: {} } : {}),
      // What is asked for waits for a Redis that is away.
      maxRetriesPerRequest: null,
    },
  }
}

function loadBull(): Bull {
  let failure: unknown = null
  for (const from of [path.join(process.cwd(), 'package.json'), import.meta.url]) {
    try {
      return createRequire(from)('bullmq') as Bull
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error
      failure ??= error
    }
  }
  const fix = 'npm install bullmq ioredis'
  throw new UsageError('fleet', 'the package bullmq is not installed', fix, { cause: failure })
}

/**
 * Resolves when the queue's Redis answers.
 * @throws UnavailableError when it does not, for ten seconds
 */
export async function reach(queue: bullmq.Queue, { url }: Bus): Promise<void> {
  let why = 'it does not answer'
  const listen = (error: Error): void => {
    why = error.message || (error as NodeJS.ErrnoException).code || why
  }
  queue.on('error', listen)
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new UnavailableError(`the queue ${url} cannot be reached: ${why}`)), REACH_MS)
  })
  try {
    await Promise.race([queue.waitUntilReady(), late])
  } finally {
    clearTimeout(timer)
  }
}
