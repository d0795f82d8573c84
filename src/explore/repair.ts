/**
 * Repairs: single changes to a lock (or to what it is asked for) that are known to cure some of its failures. A storm is
 * run again with each of them; what passes is the cure.
 *
 * They wrap the lock under test, whatever it is, so a cure says "this very lock, with this one thing changed".
 */

import type { PlannedFault } from '../fault/fault.ts'
import { sizeUs, withSize } from '../fault/planned-fault.ts'
import { fenced } from '../lock/fenced.ts'
import { isRefusal, leaseOf } from '../lock/lease.ts'
import { type Lease, type LockContext, type LockDefinition, variantOf } from '../lock/lock.ts'
import { COMPARE_AND_DELETE } from '../lock/release-script.ts'
import { COMPARE_AND_EXPIRE } from '../lock/renew-script.ts'
import { assert } from '../sim/assert.ts'
import { type LockSubject, type Subject, withLock } from '../subject/subject.ts'
import type { DiffLine } from '../text/line-diff.ts'
import type { Plan } from '../world/plan.ts'

// The host's clocks and timers: virtual inside a world.
declare const performance: { now(): number }
declare function setInterval(task: () => void, ms: number): unknown
declare function clearInterval(timer: unknown): void

/** One change. */
export interface Repair {
  readonly name: RepairName
  /** What to do, in words. */
  readonly advice: string
  /** How code that has it differs from code that has not, as an example; missing: it is no change of the code. */
  readonly code?: readonly DiffLine[]
  /** The lock with the change; null: it makes no sense for this lock. */
  lock(lock: LockDefinition): LockDefinition | null
  /** The plan with the change. */
  plan(plan: Plan): Plan
  /** It sends other messages than the lock: what it cures must not be cured by that alone (`CONTROL`). */
  readonly movesMessages: boolean
}

export const REPAIR_NAMES = [
  'compare-and-delete',
  'renewal',
  'monotonic-clock',
  'longer-ttl',
  'fencing',
  'reference-lock',
] as const
export type RepairName = (typeof REPAIR_NAMES)[number]

const LONGER = 10

/** Gives a number that grows with each grant, and only to who holds the key at that moment. */
const DRAW_FENCE = `if redis.call('get', KEYS[1]) ~= ARGV[1] then return false end
return redis.call('incr', KEYS[2])`

/** What the lock wrote into its key, as far as it told. */
const tokenOf = ({ token }: LockContext, lease: Lease): string => lease.token ?? token
const keyOf = (lock: LockDefinition, { key }: LockContext): string => lock.keys?.(key)[0] ?? key
const asksOneRedis = ({ nodes = 1, service }: LockDefinition): boolean => nodes === 1 && service === undefined

export const REPAIRS: readonly Repair[] = [
  {
    name: 'compare-and-delete',
    movesMessages: true,
    advice: 'release with a script that deletes the key only while it holds your token',
    code: [
      { sign: '-', line: 'await redis.del(key)' },
      { sign: '+', line: "const COMPARE_AND_DELETE = `if redis.call('get', KEYS[1]) == ARGV[1] then" },
      { sign: '+', line: "  return redis.call('del', KEYS[1])" },
      { sign: '+', line: 'end' },
      { sign: '+', line: 'return 0`' },
      { sign: '+', line: 'await redis.eval(COMPARE_AND_DELETE, 1, key, token)' },
    ],
    lock: (lock) =>
      asksOneRedis(lock)
        ? variantOf(lock, {
            release: async (context, lease) =>
              (await context.redis.eval(
                COMPARE_AND_DELETE,
                1,
                keyOf(lock, context),
                tokenOf(context, leaseOf(lease)),
              )) === 1,
          })
        : null,
    plan: (plan) => plan,
  },
  {
    name: 'renewal',
    movesMessages: true,
    advice: 'renew the lease every third of it while the work goes on',
    code: [
      { sign: '+', line: 'const renew = () => redis.eval(COMPARE_AND_EXPIRE, 1, key, token, ttlMs)' },
      {
        sign: '+',
        line: 'const timer = setInterval(renew, ttlMs / 3)   // 0 in reply: the lock is lost, stop the work',
      },
      { sign: ' ', line: 'await work()' },
      { sign: '+', line: 'clearInterval(timer)' },
    ],
    lock: (lock) => (asksOneRedis(lock) ? withRenewal(lock) : null),
    plan: (plan) => plan,
  },
  {
    name: 'monotonic-clock',
    movesMessages: false,
    advice: 'count the lease on the monotonic clock (performance.now), not on the wall clock (Date.now)',
    code: [
      { sign: '-', line: 'const heldUntil = Date.now() + ttlMs' },
      { sign: '+', line: 'const heldUntil = performance.now() + ttlMs   // taken before the request is sent' },
    ],
    lock: (lock) =>
      withLeases(lock, async (_, lease, begun) => {
        if (lease.expiresAt === undefined) return lease
        const { expiresAt, ...rest } = lease
        // Both clocks as they were before the request: the wall clock may have moved while that was under way.
        const validUntil = begun.monoMs + expiresAt - begun.wallMs
        return { ...rest, validUntil, isHeld: () => performance.now() < validUntil }
      }),
    plan: (plan) => plan,
  },
  {
    name: 'longer-ttl',
    movesMessages: false,
    advice: `a lease ${LONGER} times as long`,
    lock: (lock) => lock,
    // What lasts about as long as a lease says nothing about one that is ten times as long: faults grow with it.
    plan: (plan) => ({
      ...plan,
      ttlMs: plan.ttlMs * LONGER,
      settleUs: plan.settleUs * LONGER,
      faults: plan.faults.map((fault) => grownFault(fault, plan.ttlMs * 1_000)),
    }),
  },
  {
    name: 'fencing',
    movesMessages: true,
    advice: 'draw a number that grows with each grant, send it with each write, and let the resource refuse older ones',
    code: [
      { sign: ' ', line: "await redis.set(key, token, 'PX', ttlMs, 'NX')" },
      { sign: '+', line: "const fence = await redis.eval(INCR_WHILE_MINE, 2, key, key + ':fence', token)" },
      { sign: '-', line: 'await storage.write(value)' },
      {
        sign: '+',
        line: 'await storage.write(value, { fence })   // the storage refuses a fence lower than the highest it has seen',
      },
    ],
    lock: (lock) =>
      asksOneRedis(lock)
        ? withLeases(lock, async (context, lease) => {
            if (lease.fence !== undefined) return lease
            const key = keyOf(lock, context)
            const fence = await context.redis.eval(DRAW_FENCE, 2, key, `${key}:fence`, tokenOf(context, lease))
            return fence === null ? null : { ...lease, fence: Number(fence) }
          })
        : null,
    plan: (plan) => plan,
  },
  {
    name: 'reference-lock',
    movesMessages: true,
    advice: `another lock: lockstorm's reference, ${fenced.name} (${fenced.title})`,
    lock: (lock) => (lock.name === fenced.name || lock.service !== undefined ? null : fenced),
    plan: (plan) => plan,
  },
]

/** A fault for the longer lease: so many times as large; of one that was about as long as the lease, at least as near to its end. */
function grownFault(fault: PlannedFault, leaseUs: number): PlannedFault {
  const us = sizeUs(fault)
  const grownUs = us * LONGER
  const isOfLease = us * 2 >= leaseUs
  return withSize(fault, isOfLease ? Math.max(grownUs, us + leaseUs * (LONGER - 1)) : grownUs)
}

/** Changes nothing but how many messages the lock sends, and when: what it cures was no cure of any other repair. */
export const CONTROL: Pick<Repair, 'lock' | 'plan'> = {
  lock: (lock) => {
    const ask = (context: LockContext): Promise<unknown> => context.redis.get(`${context.key}:control`)
    return variantOf(lock, {
      acquire: async (context) => {
        const returned = await lock.acquire(context)
        if (!isRefusal(returned)) await ask(context)
        return returned
      },
      release: async (context, lease) => {
        await ask(context)
        return lock.release(context, lease)
      },
    })
  },
  plan: (plan) => plan,
}

/** The same lock, whose leases say more; each is given back as the lock itself returned it. */
function withLeases(
  lock: LockDefinition,
  more: (
    context: LockContext,
    lease: Lease,
    begun: { readonly monoMs: number; readonly wallMs: number },
  ) => Promise<Lease | null>,
): LockDefinition {
  const given = new WeakMap<Lease, Lease>()
  return variantOf(lock, {
    acquire: async (context) => {
      const begun = { monoMs: performance.now(), wallMs: Date.now() }
      const returned = await lock.acquire(context)
      if (isRefusal(returned)) return null
      const lease = await more(context, leaseOf(returned), begun)
      if (lease !== null) given.set(lease, returned)
      return lease
    },
    release: (context, lease) => lock.release(context, given.get(lease) ?? lease),
  })
}

function withRenewal(lock: LockDefinition): LockDefinition {
  const timers = new Map<string, unknown>()
  return variantOf(lock, {
    acquire: async (context) => {
      const returned = await lock.acquire(context)
      if (isRefusal(returned)) return null
      const { redis, ttlMs, token } = context
      const held = tokenOf(context, leaseOf(returned))
      const renew = (): void => {
        redis.eval(COMPARE_AND_EXPIRE, 1, keyOf(lock, context), held, ttlMs).catch(() => 'the next one tries again')
      }
      timers.set(token, setInterval(renew, Math.floor(ttlMs / 3)))
      return returned
    },
    release: (context, lease) => {
      clearInterval(timers.get(context.token))
      timers.delete(context.token)
      return lock.release(context, lease)
    },
  })
}

const made = new WeakMap<LockSubject, Map<Repair['lock'], LockSubject | null>>()

/** A lock with a repair, the same one each time; null: it makes no sense for this lock. */
export function repairedLock(subject: LockSubject, { lock }: Pick<Repair, 'lock'>): LockSubject | null {
  const ofSubject = made.get(subject) ?? new Map<Repair['lock'], LockSubject | null>()
  made.set(subject, ofSubject)
  const known = ofSubject.get(lock)
  const repaired = known === undefined ? withLock(subject, lock) : known
  ofSubject.set(lock, repaired)
  return repaired
}

/** A lock with a repair that makes sense for it. */
export function repairedSubject(subject: Subject, name: RepairName): Subject {
  const repair = REPAIRS.find((each) => each.name === name)
  const repaired = repair === undefined || subject.kind !== 'lock' ? null : repairedLock(subject, repair)
  assert(repaired !== null, 'only a repair that was tried is told')
  return repaired
}
