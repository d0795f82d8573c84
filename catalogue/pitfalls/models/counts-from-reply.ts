/** The lease is counted from the moment the reply arrived: it is believed in for longer, by as long as the reply took. */
import { defineLock } from 'lockstorm'
import { giveBack, take } from './parts.ts'

export default defineLock({
  name: 'counts-from-reply',
  title: "model of redlock-universal's acquiredAt",
  commands: 'SET k token PX ttl NX; deadline = now + ttl; EVAL "if get == token then del"',
  async acquire(context) {
    const lease = await take(context)
    return lease === null ? null : { ...lease, validUntil: performance.now() + context.ttlMs }
  },
  release: giveBack,
})
