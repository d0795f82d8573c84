/** Locks by scripts: one that a server forgets, one that stops half-way. */
import { defineLock, type LockContext } from 'lockstorm'
import { COMPARE_AND_DELETE } from './parts.ts'

const ACQUIRE = `if redis.call('set', KEYS[1], ARGV[1], 'PX', ARGV[2], 'NX') then return 1 end return 0`
const digests = new WeakMap<object, { readonly acquire: string; readonly release: string }>()

/** Loads both scripts once for each connection. */
async function digestsOf({ redis }: LockContext) {
  const known = digests.get(redis)
  if (known !== undefined) return known
  const loaded = {
    acquire: String(await redis.call('script', 'load', ACQUIRE)),
    release: String(await redis.call('script', 'load', COMPARE_AND_DELETE)),
  }
  digests.set(redis, loaded)
  return loaded
}

/** EVALSHA and nothing else: after a restart the server knows no scripts. */
export const evalshaOnly = defineLock({
  name: 'evalsha-only',
  title: 'model of a lock that loads its scripts once',
  commands: 'SCRIPT LOAD, once; EVALSHA acquire; EVALSHA release',
  async acquire(context) {
    const { redis, key, token, ttlMs } = context
    const { acquire } = await digestsOf(context)
    return (await redis.call('evalsha', acquire, 1, key, token, ttlMs)) === 1 ? { token } : null
  },
  async release(context, lease) {
    const { release } = await digestsOf(context)
    return (await context.redis.call('evalsha', release, 1, context.key, lease.token as string)) === 1
  },
})

/** EVALSHA, and EVAL when the server answers NOSCRIPT. */
export const fallsBackToEval = defineLock({
  ...evalshaOnly,
  name: 'falls-back-to-eval',
  title: 'the same, with EVAL after NOSCRIPT',
  commands: 'EVALSHA acquire, else EVAL; EVALSHA release, else EVAL',
  async acquire(context) {
    const { redis, key, token, ttlMs } = context
    return evalsha(context, 'acquire', () => redis.eval(ACQUIRE, 1, key, token, ttlMs), [token, ttlMs]).then((reply) =>
      reply === 1 ? { token } : null,
    )
  },
  async release(context, lease) {
    const token = lease.token as string
    const { redis, key } = context
    return (await evalsha(context, 'release', () => redis.eval(COMPARE_AND_DELETE, 1, key, token), [token])) === 1
  },
})

async function evalsha(
  context: LockContext,
  script: 'acquire' | 'release',
  whole: () => Promise<unknown>,
  args: readonly (string | number)[],
): Promise<unknown> {
  const { [script]: digest } = await digestsOf(context)
  return context.redis.call('evalsha', digest, 1, context.key, ...args).catch((error: Error) => {
    if (error.message.startsWith('NOSCRIPT')) return whole()
    throw error
  })
}

/** A script that fails in its second half has done its first: nothing is rolled back. */
const logged = (name: string, title: string, script: string) =>
  defineLock({
    name,
    title,
    commands: 'EVAL "set NX PX; rpush log token"; EVAL "if get == token then del"',
    async acquire({ redis, key, token, ttlMs }) {
      // What an older version of the program left: a text where a list is expected.
      await redis.setnx(`${key}:log`, 'version 1')
      return (await redis.eval(script, 2, key, `${key}:log`, token, ttlMs)) === 1 ? { token } : null
    },
    async release({ redis, key }, lease) {
      return (await redis.eval(COMPARE_AND_DELETE, 1, key, lease.token as string)) === 1
    },
  })

export const stopsHalfWay = logged(
  'stops-half-way',
  'model of a script whose second command fails',
  `if not redis.call('set', KEYS[1], ARGV[1], 'PX', ARGV[2], 'NX') then return 0 end
redis.call('rpush', KEYS[2], ARGV[1])
return 1`,
)

export const looksFirst = logged(
  'looks-first',
  'the same, taking the lock in the last command',
  `if redis.call('exists', KEYS[1]) == 1 then return 0 end
if redis.call('type', KEYS[2]).ok ~= 'list' then redis.call('del', KEYS[2]) end
redis.call('rpush', KEYS[2], ARGV[1])
redis.call('set', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`,
)
