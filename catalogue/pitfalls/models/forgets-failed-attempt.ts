/**
 * simple-redis-mutex's `failAfter` (and redis-semaphore's Mutex when a command times out): an attempt that takes too long fails for the caller, and
 * the object believes that it never held. Whether the SET was applied is not asked.
 */
import { defineLock, type LockContext } from 'lockstorm'
import { giveBack, sleep, take } from './parts.ts'

const TIMEOUT_MS = 100

async function withinTimeout(context: LockContext): ReturnType<typeof take> {
  const late = sleep(TIMEOUT_MS).then(() => {
    throw new Error('the lock could not be had in time')
  })
  return Promise.race([take(context), late])
}

export const forgetsFailedAttempt = defineLock({
  name: 'forgets-failed-attempt',
  title: "model of simple-redis-mutex's failAfter",
  commands: 'SET k token PX ttl NX, at most 100 ms; EVAL "if get == token then del"',
  acquire: withinTimeout,
  release: giveBack,
})

export const takesBack = defineLock({
  ...forgetsFailedAttempt,
  name: 'takes-back',
  title: 'the same, releasing what it may have taken',
  async acquire(context) {
    try {
      return await withinTimeout(context)
    } catch (error) {
      await giveBack(context, context)
      throw error
    }
  },
})
