/**
 * SET NX + Lua with a watchdog that renews the lease every third of the TTL: safe against long work, not against a
 * pause longer than the TTL, because a stopped process renews nothing.
 *
 * Source: Redisson's lock watchdog, https://github.com/redisson/redisson/wiki/8.-distributed-locks-and-synchronizers
 */
import { defineLock } from './lock.ts'
import { COMPARE_AND_DELETE } from './release-script.ts'
import { COMPARE_AND_EXPIRE } from './renew-script.ts'

// The host's timers: virtual inside a world.
declare function setInterval(task: () => void, ms: number): unknown
declare function clearInterval(timer: unknown): void

const timers = new WeakMap<object, unknown>()

export const watchdog = defineLock({
  name: 'watchdog',
  title: 'SET NX + Lua, renewed every TTL/3',
  commands: 'SET k token PX ttl NX; every ttl/3 EVAL "if get == token then pexpire"; EVAL "if get == token then del"',
  async acquire({ redis, key, token, ttlMs }) {
    if ((await redis.set(key, token, 'PX', ttlMs, 'NX')) !== 'OK') return null
    let signalLoss: (reason: string) => void = () => {}
    const lost = new Promise<string>((resolve) => {
      signalLoss = resolve
    })
    const lease = { token, lost }
    const timer = setInterval(
      () => {
        redis.eval(COMPARE_AND_EXPIRE, 1, key, token, ttlMs).then(
          (renewed) => {
            if (renewed === 1) return
            clearInterval(timer)
            signalLoss('the key is no longer ours')
          },
          () => 'the next tick tries again',
        )
      },
      Math.floor(ttlMs / 3),
    )
    timers.set(lease, timer)
    return lease
  },
  async release({ redis, key }, lease) {
    clearInterval(timers.get(lease))
    return (await redis.eval(COMPARE_AND_DELETE, 1, key, lease.token as string)) === 1
  },
})
