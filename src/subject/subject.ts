/** What is under test in a world: a lock, a session store, a web application with sessions, a job queue, a leader election, or a read-write lock. */
import type { ClientKind } from '../client/kind.ts'
import type { LeaderDefinition } from '../leader/leader.ts'
import type { LockDefinition } from '../lock/lock.ts'
import type { QueueDefinition } from '../queue/job-queue.ts'
import type { ReadWriteLockDefinition } from '../read-write/read-write-lock.ts'
import type { SessionAppDefinition } from '../session/session-app.ts'
import type { SessionStoreDefinition } from '../session/session-store.ts'
import { assertNever } from '../sim/assert.ts'
import type { SimProcess } from '../sim/process.ts'
import { UsageError } from '../sim/usage-error.ts'

/**
 * In which scenarios a subject runs: `named`, only where `expect` names it (the systems of the articles); `all`, wherever
 * its kind fits (the user's own, and what `--only` asks for). Without it: where `expect` names it, and in every scenario
 * that is open to all.
 */
export type Reach = 'named' | 'all'

/** Each kind of subject, by its name. */
export interface SubjectKinds {
  readonly lock: LockSubject
  readonly session: SessionSubject
  readonly 'job-queue': QueueSubject
  readonly 'leader-election': LeaderSubject
  readonly 'read-write-lock': ReadWriteSubject
}

export type Subject = SubjectKinds[keyof SubjectKinds]

/** What all kinds have. */
interface AnySubject {
  readonly name: string
  readonly reach?: Reach
  /** Where it was loaded from; missing: it came with lockstorm, or is an object of the caller's. */
  readonly file?: string
  /** How the user's code was understood: `my-lock.ts: class RedisLock, lock(key, ttl), unlock(key, token)`. Missing: it said so. */
  readonly understood?: string
  /** The clients whose commands it speaks: known of those that come with lockstorm. */
  readonly speaks?: readonly ClientKind[]
  /**
   * This subject as one simulated process has it, from its own copies of the user's files; called in a turn of that process, once
   * a life. Missing: all processes share it.
   */
  readonly in?: (process: SimProcess) => Subject | Promise<Subject>
}

/** Each kind in words. */
export const SUBJECT_WORDS: Readonly<Record<Subject['kind'], string>> = {
  lock: 'lock',
  session: 'session store',
  'job-queue': 'job queue',
  'leader-election': 'leader election',
  'read-write-lock': 'read-write lock',
}

/** Names by kind. */
export function namesByKind(subjects: readonly Subject[]): Readonly<Record<Subject['kind'], readonly string[]>> {
  const named = (kind: Subject['kind']): readonly string[] =>
    subjects.filter((subject) => subject.kind === kind).map(({ name }) => name)
  return {
    lock: named('lock'),
    session: named('session'),
    'job-queue': named('job-queue'),
    'leader-election': named('leader-election'),
    'read-write-lock': named('read-write-lock'),
  }
}

export interface LockSubject extends AnySubject {
  readonly kind: 'lock'
  readonly lock: LockDefinition
  /** How long its leases really are, as was learned; missing: as long as it is asked for. */
  readonly lease?: LeaseRule
}

/** `fixed`: whatever it is asked for. `step`: it is a multiple of this. */
export type LeaseRule = { readonly kind: 'fixed' | 'step'; readonly ms: number }

/** The lease that comes of what a subject is asked for, ms. */
export function leaseMsOf(subject: Subject, askedMs: number): number {
  return ruledLeaseMs(subject.kind === 'lock' ? subject.lease : undefined, askedMs)
}

export function ruledLeaseMs(rule: LeaseRule | undefined, askedMs: number): number {
  if (rule === undefined) return askedMs
  return rule.kind === 'fixed' ? rule.ms : Math.ceil(askedMs / rule.ms) * rule.ms
}

/** What keeps sessions: a store, or a whole web application. */
export type SessionSubject = AnySubject & { readonly kind: 'session' } & (
    | { readonly store: SessionStoreDefinition; readonly app?: undefined }
    | { readonly app: SessionAppDefinition }
  )

/** A job queue. */
export interface QueueSubject extends AnySubject {
  readonly kind: 'job-queue'
  readonly queue: QueueDefinition
}

/** A leader election. */
export interface LeaderSubject extends AnySubject {
  readonly kind: 'leader-election'
  readonly leader: LeaderDefinition
}

/** A read-write lock. */
export interface ReadWriteSubject extends AnySubject {
  readonly kind: 'read-write-lock'
  readonly lock: ReadWriteLockDefinition
}

/** What the user wrote, or what comes with lockstorm. */
export function definitionOf(subject: Subject): { readonly title?: string; readonly commands?: string } {
  switch (subject.kind) {
    case 'lock':
    case 'read-write-lock':
      return subject.lock
    case 'session':
      return subject.app ?? subject.store
    case 'job-queue':
      return subject.queue
    case 'leader-election':
      return subject.leader
    default:
      return assertNever(subject)
  }
}

/** Whether it comes with lockstorm. */
export const isBuiltIn = ({ speaks }: Subject): boolean => speaks !== undefined

/** The client that a subject needs; undefined: it takes any. */
export function neededClient(subject: Subject): ClientKind | undefined {
  switch (subject.kind) {
    case 'lock':
      return asksKeeper(subject) ? 'direct' : subject.lock.client
    case 'read-write-lock':
      return subject.lock.client
    case 'job-queue':
      return subject.queue.client
    case 'leader-election':
      return subject.leader.client
    default:
      return undefined
  }
}

/** The client that a subject is really given: the one that it needs, or else the one that the run asks for. */
export const clientOf = (subject: Subject, asked: ClientKind): ClientKind => neededClient(subject) ?? asked

/**
 * Refuses a client whose commands the subject does not speak: each of its calls would fail, and be told as its fault.
 * @throws UsageError
 */
export function checkClient(subject: Subject, asked: ClientKind): void {
  const client = clientOf(subject, asked)
  const { name, speaks } = subject
  if (speaks === undefined || speaks.includes(client)) return
  throw new UsageError(
    '--client',
    `the built-in ${SUBJECT_WORDS[subject.kind]} ${name} speaks the commands of ioredis, which ${client} takes otherwise`,
    `choose one of ${speaks.join(', ')}, or name a subject of your own with --only`,
  )
}

/** A lock as a subject. */
export const lockSubject = (lock: LockDefinition): Subject => ({ kind: 'lock', name: lock.name, lock })

/** A lock subject whose lock is changed, in each process alike; null: the change makes no sense for it. */
export function withLock(subject: LockSubject, change: (lock: LockDefinition) => LockDefinition): LockSubject
export function withLock(
  subject: LockSubject,
  change: (lock: LockDefinition) => LockDefinition | null,
): LockSubject | null
export function withLock(
  subject: LockSubject,
  change: (lock: LockDefinition) => LockDefinition | null,
): LockSubject | null {
  const lock = change(subject.lock)
  if (lock === null) return null
  const own = subject.in
  if (own === undefined) return { ...subject, name: lock.name, lock }
  const changed = async (process: SimProcess): Promise<Subject> => {
    const mine = (await own(process)) as LockSubject
    return { ...mine, lock: change(mine.lock) as LockDefinition }
  }
  return { ...subject, name: lock.name, lock, in: changed }
}

/** A session store as a subject. */
export const sessionSubject = (store: SessionStoreDefinition): Subject => ({ kind: 'session', name: store.name, store })

/** A job queue as a subject. */
export const queueSubject = (queue: QueueDefinition): Subject => ({ kind: 'job-queue', name: queue.name, queue })

/** A leader election as a subject. */
export const leaderSubject = (leader: LeaderDefinition): Subject => ({
  kind: 'leader-election',
  name: leader.name,
  leader,
})

/** A read-write lock as a subject. */
export const readWriteSubject = (lock: ReadWriteLockDefinition): Subject => ({
  kind: 'read-write-lock',
  name: lock.name,
  lock,
})

/** A web application as a subject. */
export const appSubject = (app: SessionAppDefinition): Subject => ({ kind: 'session', name: app.name, app })

/** How many independent Redis nodes a subject needs. */
export const nodesOf = (subject: Subject): number => (subject.kind === 'lock' ? (subject.lock.nodes ?? 1) : 1)

/** Whether it asks a coordination service in place of a Redis. */
export const asksKeeper = (subject: Subject): boolean => subject.kind === 'lock' && subject.lock.service === 'keeper'

/** How many callers of a subject there are in one process. */
export const callersIn = (subject: Subject): number => (subject.kind === 'lock' ? (subject.lock.callers ?? 1) : 1)

/** Whether its acquire may wait for as long as another client has the lock. */
export const isBlocking = (subject: Subject): boolean => subject.kind === 'lock' && subject.lock.blocking === true
