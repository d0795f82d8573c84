/** Release in three steps: GET, compare in the program, DEL. The lease may end between the first and the third. */
import { defineLock } from 'lockstorm'
import { take } from './parts.ts'

export default defineLock({
  name: 'get-compare-delete',
  title: 'model of a release that compares in the program',
  commands: 'SET k token PX ttl NX; GET k; DEL k',
  acquire: take,
  async release({ redis, key }, lease) {
    if ((await redis.get(key)) !== lease.token) return false
    return (await redis.del(key)) === 1
  },
})
