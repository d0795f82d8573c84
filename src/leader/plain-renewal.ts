/**
 * The election that is written first: SET NX, then EXPIRE as a heartbeat. A leader that was away for longer than its lease does not
 * notice that another one was elected, prolongs that one's key, and removes it when it resigns.
 *
 * Source: https://redis.io/docs/latest/commands/set/, "Patterns", with a heartbeat that compares nothing
 */
import { defineLeader, type LeaderContext } from './leader.ts'

// The host's timers: virtual inside a world.
declare function setInterval(task: () => void, ms: number): unknown
declare function clearInterval(timer: unknown): void

/** Within a lease. */
const TIMES = 3

export const plainRenewal = defineLeader<LeaderContext['redis']>({
  name: 'plain-renewal',
  title: 'SET NX, then PEXPIRE as a heartbeat',
  commands: 'SET k token PX lease NX; every lease/3 PEXPIRE k lease; DEL k',
  async campaign({ redis, key, token, leaseMs }, { onElected }) {
    let isLeader = false
    const beat = async (): Promise<void> => {
      if (isLeader) {
        await redis.pexpire(key, leaseMs)
      } else if ((await redis.set(key, token, 'PX', leaseMs, 'NX')) === 'OK') {
        isLeader = true
        onElected()
      }
    }
    const timer = setInterval(() => beat().catch(() => 'the next beat tries again'), Math.floor(leaseMs / TIMES))
    await beat()
    return { timer, isLeader: () => isLeader }
  },
  async resign({ redis, key }, campaign) {
    const { timer, isLeader } = campaign as { timer: unknown; isLeader(): boolean }
    clearInterval(timer)
    if (isLeader()) await redis.del(key)
  },
})
