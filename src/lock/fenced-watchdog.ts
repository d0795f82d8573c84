/**
 * The lock to copy: SET NX + Lua, with a fencing token, an acquire that may be sent twice, a watchdog, and a loss signal.
 *
 * - Taking the lock and drawing the fencing token are one script, so grants and tokens have one order.
 * - A script that runs twice, because the driver sent it again, finds its own token and gives the same answer.
 * - The holder believes until a deadline on its monotonic clock, counted from before the request was sent, less a margin
 *   for clocks that run at different rates. Every renewal that Redis confirmed moves it; `validUntil` tells it.
 * - `lost` resolves when a renewal finds another token, or none, and when the deadline passes: whatever Redis says then, the
 *   holder could not know.
 * - An attempt whose outcome is unknown is taken back before the caller hears of it (`take-back.ts`), and no call waits
 *   longer than the lease for its answer.
 *
 * The write itself must carry `fence`, and the resource must refuse a lower one than it has seen: between `isHeld()` and
 * the write a process can stop for as long as it likes.
 *
 * Source: Kleppmann, https://martin.kleppmann.com/2016/02/08/how-to-do-distributed-locking.html; the margin is Redlock's,
 * the watchdog Redisson's, renewing after a third of the lease.
 */
import { takeWithFence, usableMs } from './fenced.ts'
import { defineLock, type Lease, type LockContext } from './lock.ts'
import { COMPARE_AND_EXPIRE } from './renew-script.ts'
import { releaseOwn, withinLease } from './take-back.ts'

// The host's clock and timers: virtual inside a world.
declare const performance: { now(): number }
declare function setTimeout(task: () => void, ms: number): unknown
declare function clearTimeout(timer: unknown): void

/** A lease that renews itself until it is stopped or lost. */
class RenewedLease implements Lease {
  readonly token: string
  readonly fence: number
  readonly lost: Promise<string>
  validUntil: number
  readonly #context: LockContext
  #signalLoss: (reason: string) => void = () => {}
  #isOver = false
  #renewal: unknown
  #deadline: unknown

  constructor(context: LockContext, fence: number, validUntil: number) {
    this.#context = context
    this.token = context.token
    this.fence = fence
    this.validUntil = validUntil
    this.lost = new Promise((resolve) => {
      this.#signalLoss = resolve
    })
    this.#arm()
  }

  isHeld(): boolean {
    return !this.#isOver && performance.now() < this.validUntil
  }

  /** Renews no more. */
  stop(): void {
    this.#isOver = true
    clearTimeout(this.#renewal)
    clearTimeout(this.#deadline)
  }

  #arm(): void {
    clearTimeout(this.#renewal)
    clearTimeout(this.#deadline)
    this.#renewal = setTimeout(() => this.#renew(), Math.floor(this.#context.ttlMs / 3))
    this.#deadline = setTimeout(
      () => this.#lose('the lease ended before Redis confirmed a renewal'),
      Math.ceil(this.validUntil - performance.now()),
    )
  }

  async #renew(): Promise<void> {
    const { redis, key, ttlMs } = this.#context
    const askedAt = performance.now()
    let isRenewed: boolean
    try {
      isRenewed = (await withinLease(this.#context, redis.eval(COMPARE_AND_EXPIRE, 1, key, this.token, ttlMs))) === 1
    } catch {
      // The connection is gone or Redis cannot answer: try again, until the deadline ends it.
      if (!this.#isOver) this.#renewal = setTimeout(() => this.#renew(), Math.floor(ttlMs / 10))
      return
    }
    if (this.#isOver) return
    if (!isRenewed) {
      this.#lose('the key is no longer ours')
      return
    }
    this.validUntil = askedAt + usableMs(ttlMs)
    this.#arm()
  }

  #lose(reason: string): void {
    if (this.#isOver) return
    this.stop()
    this.#signalLoss(reason)
  }
}

export const fencedWatchdog = defineLock({
  name: 'fenced-watchdog',
  title: 'fenced, renewed every TTL/3, with a loss signal',
  commands:
    'EVAL "if free: set PX, incr fence"; every ttl/3 EVAL "if get == token then pexpire"; EVAL "if get == token then del"',
  async acquire(context) {
    const taken = await takeWithFence(context)
    return taken === null ? null : new RenewedLease(context, taken.fence, taken.validUntil)
  },
  release(context, lease) {
    ;(lease as RenewedLease).stop()
    return releaseOwn(context, lease.token as string)
  },
})
