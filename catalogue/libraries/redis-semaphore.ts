/**
 * redis-semaphore 5.8.0, unmodified: Mutex, Semaphore and RedlockMutex, with the library's own waiting and refreshing.
 */
import type { Redis } from 'ioredis'
import { type LockOptions, Mutex, RedlockMutex, Semaphore } from 'redis-semaphore'
import { defineLock, type Lease, type LockContext } from '../../src/lock/lock.ts'

type Held = {
  readonly isAcquired: boolean
  readonly identifier: string
  tryAcquire(): Promise<boolean>
  release(): Promise<void>
}

/** What the library does when a lock is lost, unless it is told otherwise: it throws, from a timer. */
export const QUIET: LockOptions = { onLockLost: () => {} }

function definition(
  name: string,
  title: string,
  prefix: string,
  make: (context: LockContext<Redis>, options: LockOptions) => Held,
  options: LockOptions,
) {
  return defineLock<Redis>({
    name,
    title,
    blocking: true,
    statements: { isHeld: 'isAcquired' },
    keys: (key) => [`${prefix}:${key}`],
    async acquire(context) {
      const held = make(context, { lockTimeout: context.ttlMs, ...options })
      try {
        if (!(await held.tryAcquire())) return null
      } catch (error) {
        // A careful caller gives back what may have been taken. The library does not: it thinks that it never had it.
        await held.release()
        throw error
      }
      const lease: Lease & { held: Held } = { held, token: held.identifier, isHeld: () => held.isAcquired }
      return lease
    },
    async release(_context, lease) {
      await (lease as Lease & { held: Held }).held.release()
      return true
    },
  })
}

export const mutex = (name = 'redis-semaphore-mutex', options: LockOptions = {}) =>
  definition(
    name,
    'redis-semaphore 5.8.0: Mutex',
    'mutex',
    ({ redis, key }, all) => new Mutex(redis, key, all),
    options,
  )

/** A semaphore with room for one: it must exclude like a mutex. */
export const semaphore = (name = 'redis-semaphore-semaphore', options: LockOptions = {}) =>
  definition(
    name,
    'redis-semaphore 5.8.0: Semaphore of 1',
    'semaphore',
    ({ redis, key }, all) => new Semaphore(redis, key, 1, all),
    options,
  )

export const redlockMutex = (name = 'redis-semaphore-redlock-mutex', options: LockOptions = {}) =>
  definition(
    name,
    'redis-semaphore 5.8.0: RedlockMutex',
    'mutex',
    ({ nodes, key }, all) => new RedlockMutex([...nodes], key, all),
    options,
  )
