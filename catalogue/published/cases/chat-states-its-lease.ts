/** @chat-adapter/state-redis behind an adapter that hands out when its lease ends. */
import { createRedisState } from '@chat-adapter/state-redis'
import { defineLock, type Lease } from 'lockstorm'

const state = createRedisState({ url: 'redis://cache:6379' })
await state.connect()

type Held = NonNullable<Awaited<ReturnType<typeof state.acquireLock>>>

export default defineLock({
  name: 'chat-states-its-lease',
  async acquire({ key, ttlMs }) {
    const lock = await state.acquireLock(key, ttlMs)
    return lock === null ? null : ({ token: lock.token, expiresAt: lock.expiresAt, lock } as Lease)
  },
  async release(_context, lease) {
    await state.releaseLock((lease as Lease & { lock: Held }).lock)
    return true
  },
})
