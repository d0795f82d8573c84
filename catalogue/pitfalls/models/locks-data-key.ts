/** The lock's key is the key of what it protects: storing the order overwrites the token, and its expiry with it. */
import { defineLock } from 'lockstorm'
import { giveBack, take } from './parts.ts'

export default defineLock({
  name: 'locks-data-key',
  title: 'model of a lock without a prefix of its own',
  commands: 'SET k token PX ttl NX; SET k order; EVAL "if get == token then del"',
  async acquire(context) {
    const lease = await take(context)
    if (lease !== null) await context.redis.set(context.key, '{"order":42}')
    return lease
  },
  release: giveBack,
})
