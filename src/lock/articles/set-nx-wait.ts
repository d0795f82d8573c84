/**
 * S17, locks over a primary with replicas: SET NX PX, then WAIT until replicas have it, else it is given back. What one replica has is
 * lost all the same if another one is promoted.
 *
 * Source: https://redis.io/docs/latest/commands/wait/ ("Consistency and WAIT")
 */
import { defineLock } from '../lock.ts'
import { COMPARE_AND_DELETE } from '../release-script.ts'
import { setNxLua } from '../set-nx-lua.ts'

const REPLICAS = 1
const WAIT_MS = 20

export const setNxWait = defineLock({
  ...setNxLua,
  name: 'set-nx-wait',
  title: 'S17: SET NX PX, WAIT 1, else given back',
  commands: 'SET k token PX ttl NX; WAIT 1 20; EVAL "if get == token then del"',
  async acquire({ redis, key, token, ttlMs }) {
    if ((await redis.set(key, token, 'PX', ttlMs, 'NX')) !== 'OK') return null
    if (Number(await redis.call('WAIT', REPLICAS, WAIT_MS)) >= REPLICAS) return { token }
    await redis.eval(COMPARE_AND_DELETE, 1, key, token)
    return null
  },
})
