/** The lock of redis.io in node-redis's own words, for tests of its client. */
import { defineLock } from '../../src/lock/lock.ts'
import { COMPARE_AND_DELETE } from '../../src/lock/release-script.ts'
import { lockSubject } from '../../src/subject/subject.ts'

interface NodeRedis {
  set(key: string, value: string, options: object): Promise<string | null>
  eval(script: string, options: { readonly keys: string[]; readonly arguments: string[] }): Promise<unknown>
}

export const nodeRedisLock = lockSubject(
  defineLock<NodeRedis>({
    name: 'in-node-redis',
    client: 'node-redis',
    async acquire({ redis, key, token, ttlMs }) {
      return (await redis.set(key, token, { NX: true, PX: ttlMs })) === 'OK' ? { token } : null
    },
    async release({ redis, key }, lease) {
      return (await redis.eval(COMPARE_AND_DELETE, { keys: [key], arguments: [lease.token as string] })) === 1
    },
  }) as never,
)
