/**
 * The first world of a subject of the user's: one client, nothing goes wrong. It says whether the set-up is right, and which keys
 * the lock uses. A set-up that is wrong is never a verdict.
 */
import { basePlans, type HuntParameters } from '../explore/base-plan.ts'
import { variantOf } from '../lock/lock.ts'
import type { ServerProvider } from '../server/server.ts'
import { assertNever } from '../sim/assert.ts'
import { inMacrotask } from '../sim/node/drain.ts'
import type { UsageError } from '../sim/usage-error.ts'
import { clientOf, type LockSubject, type Subject, withLock } from '../subject/subject.ts'
import { LOCK_KEY } from '../workload/locking.ts'
import { memoryProvider, nodeEnvironment } from '../world/node/environment.ts'
import { runWorld, type WorldRun } from '../world/run-world.ts'
import { EyedProvider } from './eyed-provider.ts'
import { leaderError } from './leader-error.ts'
import { learnKeys } from './learn-keys.ts'
import { isAsAsked, leaseIn, leaseRule, SECOND_ASK } from './learn-lease.ts'
import { isRenewed, LONG_WORK_LEASES, leaseFor, OUTLASTING, patienceMs } from './learn-pace.ts'
import { queueError } from './queue-error.ts'
import { readWriteError } from './read-write-error.ts'
import { isNeverLoggedIn, neverLoggedIn, sessionError } from './session-error.ts'
import { type FirstWorld, setUpError } from './set-up-error.ts'
import { type Call, witnessed } from './witness.ts'

/** Real servers that lockstorm runs itself: all of their keys may be looked at. */
const OWN_SERVERS = ['server', 'container']

export interface TrialGround {
  readonly provider: ServerProvider
  readonly hosts: Readonly<Record<string, string>>
}

export interface TriedOut {
  /** With the keys that were learned, if it did not say itself which it uses. */
  readonly subject: Subject
  /** The keys that were learned; empty: those that it says, or the one of the context. */
  readonly keys: readonly string[]
  /** With the pace that fits the lease that the lock was seen to have. */
  readonly parameters: HuntParameters
  /** The lease that it was seen to have, ms; null: as long as it was asked for. */
  readonly leaseMs: number | null
  /** How long it was seen to try in vain, ms, where that is why the pace is another one; else null. */
  readonly patienceMs: number | null
  /** Where its connections led to hosts that are no machines of the world: `cache.internal:6380` to `redis-1`. */
  readonly ledTo: ReadonlyMap<string, string>
}

/**
 * Tries a subject out.
 * @param ground what answers in the hunt, asked when the in-memory Redis lacks a command, and to which names
 * @throws UsageError when it cannot be tested
 */
export async function tryOut(
  subject: Subject,
  parameters: HuntParameters,
  { provider, hosts }: TrialGround,
): Promise<TriedOut> {
  const untried = { subject, keys: [], parameters, leaseMs: null, patienceMs: null, ledTo: new Map<string, string>() }
  let ground: TrialGround = { provider: memoryProvider(), hosts }
  let world = await firstWorld(subject, parameters, ground)
  if (world.unknownCommand !== null && provider.kind !== 'memory') {
    // A server of the user's knows the command, or not: nothing but the hunt's own worlds is run there.
    if (!OWN_SERVERS.includes(provider.kind)) return untried
    ground = { provider, hosts }
    world = await firstWorld(subject, parameters, ground)
  }
  const error = errorOf(subject, world)
  if (error !== null) throw error
  const { ledTo } = world.run
  if (subject.kind !== 'lock') {
    if (subject.kind === 'session' && subject.app !== undefined && isNeverLoggedIn(world.run)) {
      // Several browsers may log each other out, which is a verdict; one that is alone cannot.
      const alone = await firstWorld(subject, { ...parameters, clients: 1 }, ground)
      if (isNeverLoggedIn(alone.run)) throw neverLoggedIn(subject.name)
    }
    return { ...untried, ledTo }
  }
  const { subject: leased, leaseMs } = await withLease(subject, world, parameters, ground)
  const paced = leaseMs === null ? parameters : atPace(parameters, leaseMs)
  const keyed = subject.lock.keys === undefined ? withKeys(leased, world) : { subject: leased, keys: [] }
  const { keys } = learnKeys(world.calls)
  return { ...keyed, ...(await withPace(leased, keys, paced, ground)), leaseMs, ledTo }
}

/** The use in which what the lock does by itself shows: its renewals, and attempts that are shorter than a lease. */
async function withPace(
  subject: LockSubject,
  keys: readonly string[],
  parameters: HuntParameters,
  ground: TrialGround,
): Promise<Pick<TriedOut, 'parameters' | 'patienceMs'>> {
  if (parameters.isPaceGiven === true) return { parameters, patienceMs: null }
  const { ttlMs } = parameters
  const once = { ...parameters, rounds: 1 }
  const long = { ...once, workUs: LONG_WORK_LEASES * ttlMs * 1_000 }
  const renews = isRenewed((await firstWorld(subject, long, ground, 1)).calls, keys)
  const learned = renews ? { ...parameters, renews } : parameters
  // A lease of the lock's own is as long as it is, however long an attempt lasts.
  if (subject.lease?.kind === 'fixed') return { parameters: learned, patienceMs: null }
  const patience = patienceMs((await firstWorld(subject, { ...once, ...OUTLASTING }, ground, 2)).calls)
  const suitedMs = leaseFor(patience, ttlMs)
  if (suitedMs === null) return { parameters: learned, patienceMs: null }
  return { parameters: atPace(learned, suitedMs), patienceMs: patience }
}

function errorOf(subject: Subject, world: FirstWorld & { readonly run: WorldRun }): UsageError | null {
  switch (subject.kind) {
    case 'lock':
      return setUpError(world)
    case 'session':
      return sessionError(world)
    case 'job-queue':
      return queueError(world)
    case 'leader-election':
      return leaderError(world)
    case 'read-write-lock':
      return readWriteError(world)
    default:
      return assertNever(subject)
  }
}

/** The lease that the lock has, when it is another one than it was asked for. */
async function withLease(
  subject: LockSubject,
  world: FirstWorld,
  parameters: HuntParameters,
  ground: TrialGround,
): Promise<{ readonly subject: LockSubject; readonly leaseMs: number | null }> {
  const { ttlMs } = parameters
  const ms = leaseIn(world.calls, learnKeys(world.calls))
  if (ms === null || ms === 0 || isAsAsked(ms, ttlMs)) return { subject, leaseMs: null }
  const askedMs = ms * SECOND_ASK
  const { calls } = await firstWorld(subject, { ...parameters, ttlMs: askedMs }, ground)
  const second = { askedMs, ms: leaseIn(calls, learnKeys(calls)) }
  const lease = leaseRule(subject.name, { askedMs: ttlMs, ms }, second)
  return lease === null ? { subject, leaseMs: null } : { subject: { ...subject, lease }, leaseMs: ms }
}

/** The same use of a lock whose leases are longer or shorter: work and retries take as much of one. */
function atPace(parameters: HuntParameters, leaseMs: number): HuntParameters {
  const { ttlMs, workUs, retryUs } = parameters
  const scaled = (us: number): number => Math.ceil((us * leaseMs) / ttlMs)
  return { ...parameters, ttlMs: leaseMs, workUs: scaled(workUs), retryUs: scaled(retryUs) }
}

async function firstWorld(
  subject: Subject,
  parameters: HuntParameters,
  { provider, hosts }: TrialGround,
  clients = 1,
): Promise<FirstWorld & { readonly run: WorldRun }> {
  const calls: Call[] = []
  const eyed = new EyedProvider(provider, () => calls.splice(0))
  const client = clientOf(subject, parameters.client)
  const environment = nodeEnvironment(client, eyed.provider, hosts)
  const [plan] = basePlans(subject, subject.kind === 'lock' ? { ...parameters, clients } : parameters)
  if (plan === undefined) throw new Error(`no workload takes a ${subject.kind}`)
  const scene = { keys: () => eyed.keys(), sentCount: () => eyed.sentCount }
  const run = await inMacrotask(() => runWorld(plan, witnessed(subject, calls, scene), environment))
  const { name, understood } = subject
  // A real server is of the version that it is of.
  const isVersionSaid = parameters.redisVersion !== undefined || provider.kind !== 'memory'
  return { name, understood, calls, unknownCommand: eyed.unknownCommand, isVersionSaid, run }
}

/** A lock that uses the key of the context is watched there, whatever else it writes. */
function withKeys(subject: LockSubject, { calls }: FirstWorld): Pick<TriedOut, 'subject' | 'keys'> {
  const { keys, written } = learnKeys(calls)
  if (keys.length === 0 || written.includes(LOCK_KEY)) return { subject, keys: [] }
  return { subject: usingKeys(subject, keys), keys }
}

function usingKeys(subject: LockSubject, learned: readonly string[]): LockSubject {
  const keys = (key: string): readonly string[] => learned.map((name) => name.replaceAll(LOCK_KEY, key))
  return withLock(subject, (lock) => variantOf(lock, { keys }))
}
