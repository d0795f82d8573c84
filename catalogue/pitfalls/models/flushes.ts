/** Another program on the same server empties the database: a test suite, a colleague. Here client C is that program. */
import { defineLock } from 'lockstorm'
import { giveBack, take } from './parts.ts'

export const sharesServer = defineLock({
  name: 'shares-server',
  title: 'SET NX + Lua beside a program that calls FLUSHALL',
  commands: 'SET k token PX ttl NX; EVAL "if get == token then del"; C: FLUSHALL',
  async acquire(context) {
    if (!context.token.startsWith('C')) return take(context)
    await context.redis.call('flushall')
    return null
  },
  release: giveBack,
})

export const hasServerToItself = defineLock({
  ...sharesServer,
  name: 'has-server-to-itself',
  title: 'the same, with the other program in database 1',
  async acquire(context) {
    if (!context.token.startsWith('C')) return take(context)
    await context.redis.call('select', 1)
    await context.redis.call('flushdb')
    return null
  },
})
