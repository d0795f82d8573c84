/** A read-write lock whose release sends a wrong command. */
import { defineReadWriteLock } from 'lockstorm'

export default defineReadWriteLock({
  name: 'cannot-release',
  acquireRead: async ({ token }) => ({ token }),
  acquireWrite: async ({ token }) => ({ token }),
  async release({ redis }) {
    await redis.call('DEL')
    return true
  },
})
