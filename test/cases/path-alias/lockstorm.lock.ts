import { defineLock } from 'lockstorm'
import { acquireLock, releaseLock } from '@/lib/lock'
export default defineLock({
  name: 'app-lock',
  async acquire({ key, ttlMs }) { const token = await acquireLock(key, ttlMs); return token ? { token } : null },
  release: ({ key }, lease) => releaseLock(key, lease.token!),
})
