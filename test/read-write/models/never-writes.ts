/** A read-write lock that gives nobody the right to write. */
import { defineReadWriteLock } from 'lockstorm'

export default defineReadWriteLock({
  name: 'never-writes',
  acquireRead: async ({ token }) => ({ token }),
  acquireWrite: async () => null,
  release: async () => true,
})
