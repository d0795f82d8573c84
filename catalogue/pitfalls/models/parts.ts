/**
 * What most models share, so that each file shows only what it does differently: take with SET NX PX, give back with
 * compare-and-delete, renew with compare-and-expire. All three are right.
 */
import type { Lease, LockContext } from 'lockstorm'

export const COMPARE_AND_DELETE = `if redis.call('get', KEYS[1]) == ARGV[1] then
  return redis.call('del', KEYS[1])
end
return 0`

export const COMPARE_AND_EXPIRE = `if redis.call('get', KEYS[1]) == ARGV[1] then
  return redis.call('pexpire', KEYS[1], ARGV[2])
end
return 0`

/** SET key token PX ttl NX. */
export async function take({ redis, key, token, ttlMs }: LockContext): Promise<{ readonly token: string } | null> {
  return (await redis.set(key, token, 'PX', ttlMs, 'NX')) === 'OK' ? { token } : null
}

/** Deletes the key if it still has the token. */
export async function giveBack({ redis, key }: LockContext, lease: Lease): Promise<boolean> {
  return (await redis.eval(COMPARE_AND_DELETE, 1, key, lease.token as string)) === 1
}

/** Another TTL, if the key still has the token. */
export async function renew({ redis, key, ttlMs }: LockContext, token: string): Promise<boolean> {
  return (await redis.eval(COMPARE_AND_EXPIRE, 1, key, token, ttlMs)) === 1
}

/** Runs `tick` every third of the TTL; returns what stops it. */
export function everyThird(ttlMs: number, tick: () => void): () => void {
  const timer = setInterval(tick, Math.floor(ttlMs / 3))
  return () => clearInterval(timer)
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
