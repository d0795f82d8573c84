/** One token for all callers in a module: what a singleton of an application keeps. */
import type { LockDefinition } from '../../../src/lock/lock.ts'

let token = ''

const oneToken: LockDefinition = {
  name: 'one-token',
  async acquire({ redis, key, token: mine, ttlMs }) {
    token = mine
    return (await redis.set(key, mine, 'PX', ttlMs, 'NX')) === 'OK' ? { token: mine } : null
  },
  async release({ redis, key }) {
    const script = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"
    return (await redis.eval(script, 1, key, token)) === 1
  },
}
export default oneToken
