import { Semaphore } from 'redis-semaphore'
import { defineLock } from 'lockstorm'

/** Two may hold it at once: that is what it is for. */
export default defineLock<import('ioredis').Redis>({
  name: 'semaphore-of-2',
  blocking: true,
  limit: 2,
  keys: (key) => [`semaphore:${key}`],
  async acquire({ redis, key, ttlMs }) {
    const semaphore = new Semaphore(redis, key, 2, { lockTimeout: ttlMs, onLockLost() {} })
    await semaphore.acquire()
    return { token: semaphore.identifier, semaphore } as never
  },
  async release(_c, lease) {
    await (lease as any).semaphore.release()
    return true
  },
})
