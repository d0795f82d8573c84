/**
 * The rows of `docs/scoreboard.md`: what is hunted, over which driver, and what a reader has to know to judge its findings.
 */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { PropertyName } from '../../src/check/verdict.ts'
import type { ClientKind } from '../../src/client/kind.ts'
import { DEFAULT_PARAMETERS, type HuntParameters } from '../../src/explore/base-plan.ts'
import { LOCKS } from '../../src/lock/registry.ts'
import { appSubject, lockSubject, type Subject } from '../../src/subject/subject.ts'
import type { AnyLock } from '../libraries/any-lock.ts'
import * as express from './express.ts'
import * as locks from './locks.ts'

/** Findings of one cause that are not claimed. */
export interface Undecided {
  readonly property: PropertyName
  /** What `why` of the violation says. */
  readonly why: string
  /** Why it is not claimed. */
  readonly reason: string
}

export interface Entry {
  readonly subject: Subject
  /** What is judged, in words. */
  readonly title: string
  /** The lock file that has it; null: it is built in. */
  readonly file: string | null
  /** Packages whose versions count. */
  readonly packages: readonly string[]
  readonly client: ClientKind
  /** What a reader has to know of all its findings. */
  readonly remark?: string
  /** What its manual says about something that is found. */
  readonly notes: Partial<Record<PropertyName, string>>
  /** What is found and not held against it. */
  readonly undecided: readonly Undecided[]
  /** What these storms may break without anybody being able to tell, and why: no storm broke it, but it is not called valid. */
  readonly unsure?: Partial<Record<PropertyName, string>>
}

type Words = Partial<Pick<Entry, 'notes' | 'remark' | 'undecided' | 'unsure'>>

const LOCK_FILE = 'catalogue/scoreboard/locks.ts'
const APP_FILE = 'catalogue/scoreboard/express.ts'
const BUILT_IN = ['naive', 'set-nx-lua', 'fenced', 'fenced-watchdog', 'redlock-by-the-book']

const library = (lock: AnyLock, client: ClientKind, packages: readonly string[], words: Words = {}): Entry => ({
  subject: lockSubject(lock),
  title: `${lock.title}${lock.nodes === undefined ? '' : `, ${lock.nodes} nodes`}`,
  file: LOCK_FILE,
  packages,
  client: lock.client ?? client,
  notes: {},
  undecided: [],
  ...words,
})

const builtIn = (name: string): Entry => {
  const lock = LOCKS.find((known) => known.name === name)
  if (lock === undefined) throw new Error(`there is no built-in lock ${name}`)
  const title = `built in: ${lock.title ?? name}`
  return { subject: lockSubject(lock), title, file: null, packages: [], client: 'direct', notes: {}, undecided: [] }
}

const LOST_LOCK = {
  notes: {
    crash: 'documented: without an `onLockLost` of the caller, a lost lock is thrown where the caller cannot catch it',
  },
}
const REDLOCK_5 = ['redlock-5', 'ioredis']
const SEMAPHORE = ['redis-semaphore', 'ioredis']
const UNIVERSAL = ['redlock-universal', 'ioredis']

export const ENTRIES: readonly Entry[] = [
  library(locks.redlock4, 'ioredis', ['redlock-4', 'ioredis']),
  library(locks.redlock4Over3, 'ioredis', ['redlock-4', 'ioredis']),
  library(locks.redlock5, 'ioredis', REDLOCK_5),
  library(locks.redlock5Over3, 'ioredis', REDLOCK_5),
  library(locks.redlock5Using, 'ioredis', REDLOCK_5),
  library(locks.semaphoreMutex, 'ioredis', SEMAPHORE, LOST_LOCK),
  library(locks.semaphoreOfOne, 'ioredis', SEMAPHORE, {
    ...LOST_LOCK,
    remark:
      "Clients score their entries by their own wall clocks and remove what is older than the lease: who is ahead removes others' entries while they are held. Where a sentence says that B went before A in the queue, that is what B did.",
  }),
  library(locks.semaphoreRedlockOver3, 'ioredis', SEMAPHORE, LOST_LOCK),
  library(locks.redlockUniversal, 'ioredis', UNIVERSAL),
  library(locks.redlockUniversalOver3, 'ioredis', UNIVERSAL),
  library(locks.redisMutexRun, 'direct', ['redis-mutex'], {
    notes: { crash: 'its source: when the key cannot be renewed it calls `process.exit`' },
    undecided: [
      {
        property: 'dead-lock',
        why: 'The release reported success without removing the key.',
        reason:
          'it sends its DEL, does not wait for the answer, and resolves; when the DEL is late or lost nobody hears of it. That its promise says "released" is what the adapter makes of it: its manual says only that it "is resolved once `fn` calls the callback without an error", and a key whose DEL is lost ends with its lease',
      },
    ],
  }),
  library(locks.simpleRedisMutex, 'node-redis', ['simple-redis-mutex', 'redis'], {
    remark:
      'With `pollingInterval: 50`. With its default it looks every 10 s at a lock whose holder has vanished, which is longer than these worlds last. It begins another attempt while one is under way: when both take the lock, the caller gets the one and nobody releases the other.',
    unsure: {
      'fence-order':
        'it draws its fencing token in a second command, so that a later grant can get a lower one (`test/catalogue/libraries/simple-redis-mutex.test.ts` shows it). When A is paused for 1.08 s between the two, B gets token 1 and A, who had the lock before, token 2; but in the same moment another attempt of A takes the lock once more, and nothing says which of its two keys the caller was given',
    },
  }),
  {
    subject: appSubject(express.connectRedis9),
    title: 'express-session with connect-redis 9, `resave: false`',
    file: APP_FILE,
    packages: ['express', 'express-session', 'connect-redis-9', 'redis'],
    // What is not the store's goes through it; the store brings node-redis.
    client: 'direct',
    notes: {},
    undecided: [],
  },
  ...BUILT_IN.map(builtIn),
]

/**
 * How everybody is hunted: two clients, once each. The lease is above the 500 ms within which redlock 5 refuses to extend,
 * and not so long that those who poll every 10 ms poll for ever.
 */
export const parametersOf = ({ client }: Entry): HuntParameters => ({
  ...DEFAULT_PARAMETERS,
  client,
  clients: 2,
  rounds: 1,
  ttlMs: 1000,
  retryUs: 50_000,
})

/** `redlock 5.0.0-beta.2`: the packages of an entry as they are installed. */
export const versionsOf = ({ packages }: Entry): readonly string[] =>
  packages.map((folder) => {
    const file = path.join(import.meta.dirname, '../../node_modules', folder, 'package.json')
    const { name, version } = JSON.parse(readFileSync(file, 'utf8')) as { name: string; version: string }
    return `${name} ${version}`
  })
