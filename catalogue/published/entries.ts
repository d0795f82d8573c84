/**
 * Published packages, hunted as an application uses them: the verdict of each, and for every bug the line of the package that is
 * the reason. `test/catalogue/published.test.ts` holds the table against the packages themselves; `docs/published.md` is made of it.
 */
import type { PropertyName } from '../../src/check/verdict.ts'

/** A bug that a hunt finds. */
export interface Bug {
  /** The kind of its cause, as a hunt says it in `--json`. */
  readonly cause: string
  readonly properties: readonly PropertyName[]
  /** Where the reason stands: a file of the package, the line, and a part of what is written there. */
  readonly at: readonly [file: string, line: number, code: string]
  /** Why that line leads to it. */
  readonly why: string
}

/** What no lock or election with a lease can prevent by itself, by its cause. */
export type Limits = Readonly<
  Partial<Record<'lease-ended' | 'redis-lost-it' | 'lead-forgotten', readonly PropertyName[]>>
>

export interface Published {
  /** The file in `locks/`, without its ending. */
  readonly name: string
  readonly package: string
  /** What is hunted, in a few words. */
  readonly title: string
  /** Flags beside `--faults 1 --clients 2`. */
  readonly flags: readonly string[]
  /** Why these flags, if there are any. */
  readonly flagsWhy?: string
  readonly bugs: readonly Bug[]
  readonly limits: Limits
  /** The storm of each bug by its property and cause, where the hunt takes minutes: the test replays them, and does not hunt. */
  readonly storms?: Readonly<Record<string, string>>
  /** What it does right, and what no hunt says of it. */
  readonly remark: string
}

const HARM: readonly PropertyName[] = ['linearizability', 'mutual-exclusion', 'stale-write']
const LEASE_LIMITS: Limits = { 'lease-ended': HARM, 'redis-lost-it': HARM }

const LEADER_LIMITS: Limits = { 'lease-ended': ['mutual-exclusion'], 'lead-forgotten': ['mutual-exclusion'] }

export const PUBLISHED: readonly Published[] = [
  {
    name: 'sesame-redlock',
    package: '@sesamecare-oss/redlock',
    title: 'acquire, release',
    flags: ['--rounds', '1'],
    flagsWhy: 'an attempt in vain takes two seconds of many messages',
    bugs: [
      {
        cause: 'own-token-blocks',
        properties: ['orphaned-lock'],
        at: ['@sesamecare-oss/redlock/build/index.js', 221, "if (vote === 'for')"],
        why: 'ioredis sends the script again whose reply was lost; all attempts of the retry window are then refused by its own value (mike-marcacci/node-redlock#369).',
      },
      {
        cause: 'counted-on-wrong-clock',
        properties: ['overstated-lease'],
        at: ['@sesamecare-oss/redlock/build/index.js', 234, 'const start = Date.now()'],
        why: 'The validity is counted from the wall clock: a clock that is set back makes it longer than the lease.',
      },
      {
        cause: 'second-answer-taken-for-failure',
        properties: ['release-denied'],
        at: [
          '@sesamecare-oss/redlock/build/index.js',
          231,
          'The operation was unable to achieve a quorum during its retry window.',
        ],
        why: 'When the reply to `release` is lost and ioredis sends the script again, nothing is left to delete, and `release` rejects although the key is gone (Infisical/infisical#6601).',
      },
      {
        cause: 'release-without-effect',
        properties: ['orphaned-lock'],
        at: ['@sesamecare-oss/redlock/build/scripts.js', 52, 'redis.pcall("del", key)'],
        why: '`pcall` swallows the error of a server that refuses to write (a replica after a failover): the script counts the key as removed, and `release` succeeds.',
      },
    ],
    limits: { 'lease-ended': ['linearizability', 'stale-write'], 'redis-lost-it': [...HARM, 'overstated-lease'] },
    remark:
      'Its lock says until when it is valid, counted from before the request: a late reply is no harm to a holder that looks.',
  },
  {
    name: 'verrou',
    package: '@verrou/core',
    title: 'createLock(key, ttl).run(callback)',
    flags: [],
    bugs: [
      {
        cause: 'granted-too-late',
        properties: HARM,
        at: ['@verrou/core/build/chunk-H4XKRNJ2.js', 71, 'this.#expirationTime = this.#ttl ? now + this.#ttl : null'],
        why: 'It knows when the lease ends and does not look: after a late reply `run` calls back although it has ended.',
      },
      {
        cause: 'second-answer-taken-for-failure',
        properties: ['release-denied'],
        at: ['@verrou/core/build/src/drivers/redis.js', 41, 'if (result === 0) throw new E_LOCK_NOT_OWNED()'],
        why: 'A script that is sent again because its reply was lost finds nothing left, and the release is told as one of a lock of another owner.',
      },
    ],
    limits: LEASE_LIMITS,
    remark:
      'It tries again with the same owner every 250 ms for ever, so that a lost reply costs it one lease; its release compares and rejects when the lock is no longer its own.',
  },
  {
    name: 'redis-lock',
    package: 'redis-lock',
    title: 'lock(name, timeout), whose result gives it back',
    flags: [],
    bugs: [
      {
        cause: 'taken-away',
        properties: HARM,
        at: ['redis-lock/index.js', 42, 'lockTimeoutValue > Date.now()'],
        why: 'The release looks at its own clock, not at whose key it is: a DEL that is late deletes the key of the next holder.',
      },
      {
        cause: 'token-not-compared',
        properties: ['foreign-release'],
        at: ['redis-lock/index.js', 43, 'client.del(lockName)'],
        why: 'It deletes without comparing (errorception/redis-lock#29, #30).',
      },
      {
        cause: 'granted-too-late',
        properties: HARM,
        at: ['redis-lock/index.js', 22, 'onLockAcquired(lockTimeoutValue)'],
        why: 'It does not look how long the reply took, although it knows when the lease ends.',
      },
      {
        cause: 'release-without-effect',
        properties: ['orphaned-lock'],
        at: ['redis-lock/index.js', 42, 'lockTimeoutValue > Date.now()'],
        why: 'Its deadline is taken before the request leaves: when that has passed the release does nothing, and resolves, though the key lives.',
      },
    ],
    limits: { 'lease-ended': HARM, 'redis-lost-it': ['mutual-exclusion', 'stale-write'] },
    remark: 'Whatever goes wrong with an attempt it takes for a refusal, and tries again.',
  },
  {
    name: 'warlock',
    package: 'node-redis-warlock',
    title: 'lock(key, ttl, callback), unlock(callback)',
    flags: [],
    bugs: [
      {
        cause: 'granted-too-late',
        properties: HARM,
        at: ['node-redis-warlock/lib/warlock.js', 36, 'lockSet ? warlock.unlock.bind'],
        why: 'It calls back with the lock however long the reply took.',
      },
      {
        cause: 'attempt-misread',
        properties: ['orphaned-lock'],
        at: ['node-redis-warlock/lib/warlock.js', 36, ': false'],
        why: 'ioredis sends a SET NX again whose reply was lost; the refusal that comes back is by its own id.',
      },
      {
        cause: 'script-forgotten',
        properties: ['orphaned-lock'],
        at: ['node-redis-script/src/index.js', 35, 'client.evalsha(digest, numKeys, ...args)'],
        why: 'After NOSCRIPT it loads the script and calls it once more; a restart between the two is not foreseen.',
      },
      {
        cause: 'release-without-effect',
        properties: ['orphaned-lock'],
        at: ['node-redis-script/src/index.js', 29, 'err = e;'],
        why: 'Every error but NOSCRIPT is dropped: a server that refuses the script (READONLY, MISCONF, BUSY) is told as a release.',
      },
    ],
    limits: LEASE_LIMITS,
    remark: '`touch` is not hunted.',
  },
  {
    name: 'chat-state-redis',
    package: '@chat-adapter/state-redis',
    title: 'acquireLock(threadId, ttlMs), releaseLock(lock)',
    flags: ['--rounds', '1'],
    flagsWhy: 'it takes long to load',
    bugs: [
      {
        cause: 'granted-too-late',
        properties: ['mutual-exclusion', 'stale-write'],
        at: ['@chat-adapter/state-redis/dist/index.js', 138, 'expiresAt: Date.now() + ttlMs'],
        why: 'The lease is counted from the reply: a late one makes it as much longer as it was late.',
      },
      {
        cause: 'counted-on-wrong-clock',
        properties: ['overstated-lease'],
        at: ['@chat-adapter/state-redis/dist/index.js', 138, 'expiresAt: Date.now() + ttlMs'],
        why: 'The same, on a clock that may be set back besides.',
      },
      {
        cause: 'attempt-not-taken-back',
        properties: ['orphaned-lock'],
        at: ['@chat-adapter/state-redis/dist/index.js', 130, 'await this.client.set(lockKey, token'],
        why: 'node-redis rejects what was under way as its connection is lost; the token is forgotten, the key stays.',
      },
    ],
    limits: {
      'lease-ended': ['linearizability', 'stale-write'],
      'redis-lost-it': [...HARM, 'overstated-lease'],
    },
    remark:
      '`extendLock` and `forceReleaseLock` are not hunted. Chat does not extend while a handler runs (vercel/chat#685).',
  },
  {
    name: 'medusa',
    package: '@medusajs/locking-redis',
    title: 'execute(keys, job, { expire })',
    flags: [],
    bugs: [
      {
        cause: 'granted-too-late',
        properties: HARM,
        at: ['@medusajs/locking-redis/dist/services/redis-lock.js', 151, 'this.renewUntilStopped'],
        why: 'The job begins however long the reply took; the first renewal, a third of the lease later, finds the key gone.',
      },
      {
        cause: 'loss-not-noticed',
        properties: HARM,
        at: ['@medusajs/locking-redis/dist/services/redis-lock.js', 188, 'await (0, utils_1.promiseAll)(allKeys.map'],
        why: 'Its signal waits for the reply to a renewal; that the lease has ended meanwhile it does not count.',
      },
    ],
    limits: LEASE_LIMITS,
    remark:
      'The two functions of @medusajs/framework that it calls are stood in for (`medusa-framework/`). With its default backoff and `--rounds 2` a hunt also finds `own-token-blocks`: a waiter whose reply was lost is kept out by its own key, which the script looks at only when it does not queue. Several keys at once, as in medusajs/medusa#16285, are not hunted.',
  },
  {
    name: 'node-redisson',
    package: 'node-redisson',
    title: 'getLock(name), lock(), unlock()',
    flags: [],
    bugs: [
      {
        cause: 'granted-too-late',
        properties: HARM,
        at: ['node-redisson/dist/locks/RedissonLock.js', 35, 'ttl === null'],
        why: 'The lock is had however long the reply took; its watchdog looks 10 s later, and tells nobody.',
      },
      {
        cause: 'release-without-effect',
        properties: ['orphaned-lock'],
        at: ['node-redisson/dist/executor/CommandExecutor.js', 14, "redis.call('hincrby', KEYS[1], ARGV[2], 1)"],
        why: 'ioredis sends the script again whose reply was lost: the lock is counted twice, and unlock takes one away (redisson/redisson#7367 is the same).',
      },
      {
        cause: 'uncaught',
        properties: ['crash'],
        at: ['node-redisson/dist/executor/CommandExecutor.js', 120, 'await this.subscribeOnce(eventName, handler)'],
        why: 'ioredis asks INFO of a connection that subscribed before it was ready (redis/ioredis#2037), and rejects; here nothing catches that, and the process ends.',
      },
      {
        cause: 'second-answer-taken-for-failure',
        properties: ['release-denied'],
        at: ['node-redisson/dist/locks/RedissonBaseLock.js', 27, 'this.unlockInner(this.clientId, requestId, 10)'],
        why: 'What was answered is remembered for 10 ms, which is less than ioredis takes to connect again and send the script once more: `unlock` rejects although the lock is released.',
      },
      {
        cause: 'not-takeable',
        properties: ['dead-lock'],
        at: ['node-redisson/dist/locks/RedissonBaseLock.js', 27, 'this.unlockInner(this.clientId, requestId, 10)'],
        why: 'When the server refuses the script, `unlock` rejects before it stops the watchdog, which renews the lock for as long as the process lives.',
      },
      {
        cause: 'never-settled',
        properties: ['hang'],
        at: ['node-redisson/dist/locks/RedissonBaseLock.js', 27, 'this.unlockInner(this.clientId, requestId, 10)'],
        why: 'The same, seen by those who wait for it.',
      },
    ],
    limits: LEASE_LIMITS,
    remark: 'Its release compares, and wakes the waiters.',
  },
  {
    name: 'upstash-lock',
    package: '@upstash/lock',
    title: 'acquire(), release()',
    flags: [],
    bugs: [
      {
        cause: 'granted-too-late',
        properties: HARM,
        at: ['@upstash/lock/dist/index.js', 96, 'upstashResult === "OK"'],
        why: 'It does not look how long the reply took.',
      },
      {
        cause: 'attempt-misread',
        properties: ['orphaned-lock'],
        at: ['@upstash/lock/dist/index.js', 103, 'this.config.UUID = null'],
        why: 'An attempt that was sent again is refused by its own key; after three it gives up, forgets its id, and leaves the key.',
      },
    ],
    limits: LEASE_LIMITS,
    remark: 'Over HTTP, where @upstash/redis sends a request again that failed. `extend` is not hunted.',
  },
  {
    name: 'murlock',
    package: 'murlock',
    title: 'runWithLock(key, releaseTime, callback) in an application of NestJS',
    flags: ['--rounds', '1'],
    flagsWhy: 'it takes long to load',
    bugs: [
      {
        cause: 'granted-too-late',
        properties: ['stale-write'],
        at: ['murlock/dist/murlock.service.js', 106, 'isLockSuccessful === 1'],
        why: 'It does not look how long the reply took.',
      },
      {
        cause: 'attempt-not-taken-back',
        properties: ['orphaned-lock'],
        at: ['murlock/dist/murlock.service.js', 123, 'Unexpected error when trying to obtain lock'],
        why: 'node-redis rejects what was under way as its connection is lost; it gives up, and the key stays.',
      },
    ],
    limits: LEASE_LIMITS,
    remark:
      'Its script knows its own client id, so that an attempt that is sent again is no refusal. It does not renew (felanios/murlock#78 adds that).',
  },
  {
    name: 'ts-safe-redis-leader',
    package: 'ts-safe-redis-leader',
    title: 'elect(), shutdown(), elected, demoted',
    flags: [],
    bugs: [
      {
        cause: 'lead-not-kept',
        properties: ['mutual-exclusion'],
        at: ['ts-safe-redis-leader/dist/safeRedisLeader.js', 91, 'err_1 = _a.sent()'],
        why: 'After a renewal that was answered with an error it neither renews nor demotes itself: it leads in its own eyes for ever.',
      },
      {
        cause: 'deposed-unnoticed',
        properties: ['mutual-exclusion'],
        at: ['ts-safe-redis-leader/dist/safeRedisLeader.js', 73, 'atomicGetIsEqualSetPExpire'],
        why: '`demoted` waits for the reply to a renewal; its own clock would have told that the lease was over.',
      },
      {
        cause: 'elected-too-late',
        properties: ['mutual-exclusion'],
        at: ['ts-safe-redis-leader/dist/safeRedisLeader.js', 112, 'EmitterEnum.ELECTED'],
        why: 'It is elected however long the reply took.',
      },
      {
        cause: 'campaign-given-up',
        properties: ['no-leader'],
        at: ['ts-safe-redis-leader/dist/safeRedisLeader.js', 125, 'err_2 = _a.sent()'],
        why: 'A candidate whose SET is answered with an error tells it, and never tries again.',
      },
    ],
    limits: LEADER_LIMITS,
    remark: '',
  },
  {
    name: 'redis-leader',
    package: 'redis-leader',
    title: 'elect(), stop(), elected, revoked',
    flags: [],
    bugs: [
      {
        cause: 'deposed-unnoticed',
        properties: ['mutual-exclusion'],
        at: ['redis-leader/index.js', 31, 'this.isLeader(function(err, isLeader)'],
        why: '`revoked` waits for the reply to a renewal; its own clock would have told that the lease was over.',
      },
      {
        cause: 'elected-too-late',
        properties: ['mutual-exclusion'],
        at: ['redis-leader/index.js', 56, "this.emit('elected')"],
        why: 'It is elected however long the reply took.',
      },
      {
        cause: 'none-elected',
        properties: ['no-leader'],
        at: ['redis-leader/index.js', 40, 'this.electId = setTimeout'],
        why: 'Two renewals that fail together begin two elections, of which `stop` ends one; the other is elected, and renews for ever.',
      },
      {
        cause: 'campaign-given-up',
        properties: ['no-leader'],
        at: ['redis-leader/index.js', 53, "return this.emit('error', err)"],
        why: 'A candidate whose SET is answered with an error tells it, and never tries again.',
      },
    ],
    limits: LEADER_LIMITS,
    remark:
      '`stop` asks whose key it is and deletes it in two commands, as its own comment says, and says neither when it is done nor that it failed (line 78 of the same file).',
  },
  {
    name: 'redislock',
    package: 'redislock',
    title: 'createLock(client, options), acquire(key), release()',
    flags: [],
    bugs: [
      {
        cause: 'granted-too-late',
        properties: HARM,
        at: ['redislock/lib/lock.js', 275, 'else if (res)'],
        why: 'It does not look how long the reply took.',
      },
      {
        cause: 'second-answer-taken-for-failure',
        properties: ['release-denied'],
        at: ['redislock/lib/lock.js', 145, 'had expired'],
        why: 'A script that is sent again because its reply was lost finds nothing left, and the lock is said to have expired.',
      },
      {
        cause: 'not-takeable',
        properties: ['dead-lock'],
        at: ['redislock/lib/lock.js', 99, 'Lock already held'],
        why: 'When the server refuses the release, the object stays locked in its own eyes: it rejects every later `acquire`, though the key is gone, until a release succeeds.',
      },
    ],
    limits: LEASE_LIMITS,
    remark:
      'With as many retries as it takes (`retries: -1`), so that an attempt that is sent again waits for its own lease at most. Its release compares, and rejects when the lock is no longer its own. `extend` is not hunted.',
  },
  {
    name: 'redis-promise-lock',
    package: 'redis-promise-lock',
    title: 'acquireLock(name), releaseLock(name)',
    flags: [],
    bugs: [
      {
        cause: 'no-expiry',
        properties: ['dead-lock'],
        at: ['redis-promise-lock/lib/src/lock.js', 70, 'this.client.setNX(key, payload)'],
        why: 'SETNX and EXPIRE are two commands: when the client dies or hears nothing between them, the key stays for ever.',
      },
      {
        cause: 'taken-away',
        properties: HARM,
        at: ['redis-promise-lock/lib/src/lock.js', 83, 'this.client.del(key)'],
        why: 'It deletes the key whoever has it.',
      },
      {
        cause: 'token-not-compared',
        properties: ['foreign-release'],
        at: ['redis-promise-lock/lib/src/lock.js', 83, 'this.client.del(key)'],
        why: 'The value is the time, and is never compared.',
      },
      {
        cause: 'granted-too-late',
        properties: HARM,
        at: ['redis-promise-lock/lib/src/lock.js', 100, 'let lockApplied = await this.applyLock'],
        why: 'It does not look how long the replies took.',
      },
      {
        cause: 'attempt-not-taken-back',
        properties: ['orphaned-lock'],
        at: ['redis-promise-lock/lib/src/lock.js', 73, 'await this.client.expire(key, ttl)'],
        why: 'When the reply to EXPIRE is lost the attempt fails, and its key stays until it expires.',
      },
    ],
    limits: LEASE_LIMITS,
    remark: '',
  },
  {
    name: 'effect-distributed-lock',
    package: 'effect-distributed-lock',
    title: 'make(key, { ttl }), withPermits(1)',
    flags: ['--rounds', '1'],
    flagsWhy: 'unasked, a hunt runs a part of the storms: all of effect comes with each client of each one',
    bugs: [
      {
        cause: 'loss-not-noticed',
        properties: HARM,
        at: [
          'effect-distributed-lock/dist/DistributedSemaphore.js',
          59,
          '.refresh(key, identifier, ttl, limit, permits)',
        ],
        why: 'The work is interrupted when a renewal says that the permit is gone; that the lease has ended meanwhile it does not count.',
      },
      {
        cause: 'granted-too-late',
        properties: ['mutual-exclusion'],
        at: [
          'effect-distributed-lock/dist/DistributedSemaphore.js',
          76,
          '.tryAcquire(key, identifier, ttl, limit, permits)',
        ],
        why: 'It does not look how long the reply took.',
      },
      {
        cause: 'taken-away',
        properties: ['mutual-exclusion'],
        at: [
          'effect-distributed-lock/dist/RedisBacking.js',
          32,
          "redis.call('zremrangebyscore', key, '-inf', expiredTimestamp)",
        ],
        why: "Whether a permit has expired is reckoned with the clocks of two clients: one that is ahead of the holder's removes it early.",
      },
      {
        cause: 'token-not-compared',
        properties: ['foreign-release'],
        at: [
          'effect-distributed-lock/dist/RedisBacking.js',
          32,
          "redis.call('zremrangebyscore', key, '-inf', expiredTimestamp)",
        ],
        why: 'The same removal, seen at the key.',
      },
    ],
    limits: { 'lease-ended': HARM, 'redis-lost-it': ['mutual-exclusion'] },
    storms: {
      'mutual-exclusion loss-not-noticed':
        'L1.ATEAMAEDMSwid29yayI6IjMcIn0sBTIsInNldHRsZSI6IjMwcyIGEwpBCzE0NB0HQRI4CBdlZmZlY3QtZGlzdHJpYnV0ZWQtbG9jawIwMAExATDBqrc',
      'stale-write loss-not-noticed':
        'L1.ATEAMQEDMSwid29yayI6IjMcIn0sBTIsInNldHRsZSI6IjMwcyIGFApBCzI0MB0HQRExMAgXZWZmZWN0LWRpc3RyaWJ1dGVkLWxvY2sCMDABMQEw14cS',
      'linearizability loss-not-noticed':
        'L1.ATEAMQEDMSwid29yayI6IjMcIn0sBTIsInNldHRsZSI6IjMwcyIGFApBCzI0MB0HQRExMAgXZWZmZWN0LWRpc3RyaWJ1dGVkLWxvY2sCMDABMQEw14cS',
      'mutual-exclusion granted-too-late':
        'L1.ATEAMAEDMSwid29yayI6IjMcIn0sBTIsInNldHRsZSI6IjMwcyIGFQpBCzIxNh0HQRIzCBdlZmZlY3QtZGlzdHJpYnV0ZWQtbG9jawIwMAExATAD6XA',
      'mutual-exclusion taken-away':
        'L1.ATEAMQEDMSwid29yayI6IjMcIn0sBTIsInNldHRsZSI6IjMwcyIGFwpBDC0xNzIdB0ERMQgXZWZmZWN0LWRpc3RyaWJ1dGVkLWxvY2sCMDABMQEwQfhk',
      'foreign-release token-not-compared':
        'L1.ATEAMgEDMSwid29yayI6IjMcIn0sBTIsInNldHRsZSI6IjMwcyIGFwpBDC0xNzIdB0ERMTIIF2VmZmVjdC1kaXN0cmlidXRlZC1sb2NrAjAwATEBMHmIxw',
    },
    remark:
      'One permit of one: how semaphores of several are to be judged no hunt knows. Its release compares, and wakes the waiters.',
  },
  {
    name: 'bullmq',
    package: 'bullmq',
    title: 'the lock of a job: getNextJob(token), moveToCompleted, startStalledCheckTimer',
    flags: ['--ttl', '10s', '--work', '1s', '--retry', '1s', '--rounds', '1'],
    flagsWhy:
      'after an error its check for stalled jobs waits for five seconds, which is small beside the leases that it has',
    bugs: [
      {
        cause: 'attempt-misread',
        properties: ['orphaned-lock'],
        at: ['bullmq/dist/esm/classes/worker.js', 418, 'await this.backend.moveToActive(token, name)'],
        why: 'ioredis sends the script again whose reply was lost; it finds no job that waits, and the one that was taken lies there until it is called stalled.',
      },
      {
        cause: 'granted-too-late',
        properties: ['stale-write'],
        at: ['bullmq/dist/esm/classes/worker.js', 418, 'await this.backend.moveToActive(token, name)'],
        why: 'It does not look how long the reply took: the job may have been called stalled and given to another worker.',
      },
      {
        cause: 'second-answer-taken-for-failure',
        properties: ['release-denied'],
        at: ['bullmq/dist/esm/classes/job.js', 427, 'this.backend.moveToCompleted(this, returnValue'],
        why: 'A script that is sent again because its reply was lost finds the job gone, and `moveToCompleted` rejects although the job is completed.',
      },
    ],
    limits: { 'lease-ended': HARM },
    remark:
      'A job whose lock has ended is given to another worker by the second check for stalled jobs, up to two leases later.',
  },
]
