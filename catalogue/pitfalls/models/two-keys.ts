/** A script with two keys, the lock and a counter of its attempts. On a Cluster both must be in one slot, which a hash tag does. */
import { defineLock, type LockContext } from 'lockstorm'
import { giveBack } from './parts.ts'

const COUNT_AND_TAKE = `redis.call('incr', KEYS[2])
return redis.call('set', KEYS[1], ARGV[1], 'PX', ARGV[2], 'NX')`

const takeWith =
  (counterOf: (key: string) => string) =>
  async ({ redis, key, token, ttlMs }: LockContext): Promise<{ readonly token: string } | null> =>
    (await redis.eval(COUNT_AND_TAKE, 2, key, counterOf(key), token, ttlMs)) === null ? null : { token }

/** The counter's name begins with the lock's: another slot. */
export const twoSlots = defineLock({
  name: 'keys-of-two-slots',
  title: 'model of a script whose keys are in two slots',
  commands: 'EVAL with k and k:attempts',
  acquire: takeWith((key) => `${key}:attempts`),
  release: giveBack,
})

/** The part in braces is all that the slot is made of. */
export const oneSlot = defineLock({
  name: 'keys-of-one-slot',
  title: 'the same with a hash tag',
  commands: 'EVAL with k and {k}:attempts',
  acquire: takeWith((key) => `{${key}}:attempts`),
  release: giveBack,
})
