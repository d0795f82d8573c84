/**
 * The election as the book has it: who leads has a lease that it renews, and a term that grows with each election.
 *
 *   each third of the lease   EVAL: whose key? nobody's: take it, draw a term; mine: prolong it; else nothing
 *   its lease is over         by its own monotonic clock, counted from before the last renewal was sent: it steps down by itself
 *   resign                    EVAL: removed, if it is mine
 *
 * An answer that took as long as the lease elects nobody. A stopped process cannot step down: what a leader does must carry its term,
 * so that what it is done to can refuse an older one.
 *
 * Source: https://martinfowler.com/articles/patterns-of-distributed-systems/generation-clock.html and
 * https://martinfowler.com/articles/patterns-of-distributed-systems/time-bound-lease.html
 */
import { usableMs } from '../lock/fenced.ts'
import { COMPARE_AND_DELETE } from '../lock/release-script.ts'
import { type Candidate, defineLeader, type LeaderContext } from './leader.ts'

// The host's clock and timers: virtual inside a world.
declare const performance: { now(): number }
declare function setTimeout(task: () => void, ms: number): unknown
declare function clearTimeout(timer: unknown): void

// KEYS: whose, the last term
const CAMPAIGN = `local holder = redis.call('get', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('set', KEYS[1], ARGV[1], 'PX', ARGV[2])
if holder then return tonumber(redis.call('get', KEYS[2])) end
return redis.call('incr', KEYS[2])`
/** A leader renews so often within a lease. */
const TIMES = 3

class Campaign {
  readonly #context: LeaderContext
  readonly #candidate: Candidate
  #isOver = false
  #isLeader = false
  #tick: unknown
  #alarm: unknown

  constructor(context: LeaderContext, candidate: Candidate) {
    this.#context = context
    this.#candidate = candidate
    this.#ask()
  }

  /** Asks for the lead, or to keep it, and again in a third of the lease, whatever becomes of this one. */
  #ask(): void {
    const { redis, key, token, leaseMs } = this.#context
    const untilMs = performance.now() + usableMs(leaseMs)
    redis.eval(CAMPAIGN, 2, key, `${key}:term`, token, leaseMs).then(
      (term) => this.#answered(Number(term), untilMs),
      () => 'the next one tries again',
    )
    this.#tick = setTimeout(() => this.#ask(), Math.floor(leaseMs / TIMES))
  }

  #answered(term: number, untilMs: number): void {
    const leftMs = untilMs - performance.now()
    if (this.#isOver || leftMs <= 0) return
    if (term === 0) {
      this.#stepDown()
      return
    }
    clearTimeout(this.#alarm)
    this.#alarm = setTimeout(() => this.#stepDown(), leftMs)
    if (this.#isLeader) return
    this.#isLeader = true
    this.#candidate.onElected(term)
  }

  #stepDown(): void {
    clearTimeout(this.#alarm)
    if (!this.#isLeader) return
    this.#isLeader = false
    this.#candidate.onDeposed()
  }

  end(): void {
    this.#isOver = true
    clearTimeout(this.#tick)
    clearTimeout(this.#alarm)
  }
}

export const termLease = defineLeader<LeaderContext['redis'], Campaign>({
  name: 'term-lease',
  title: 'a lease that is renewed, and terms',
  commands: 'every lease/3 EVAL "if free: set PX, incr term; if mine: set PX"; EVAL "if get == token then del"',
  campaign: async (context, candidate) => new Campaign(context, candidate),
  async resign({ redis, key, token }, campaign) {
    campaign.end()
    await redis.eval(COMPARE_AND_DELETE, 1, key, token)
  },
})
