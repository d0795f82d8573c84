/**
 * lockstorm's public interface: a lock, a session store, a job queue or a web application is declared, hunted, run in scenarios, replayed.
 *
 * ```ts
 * import { assertValid, defineLock, hunt } from 'lockstorm'
 *
 * const lock = defineLock({
 *   name: 'my-lock',
 *   async acquire({ redis, key, token, ttlMs }) {
 *     return (await redis.set(key, token, 'PX', ttlMs, 'NX')) === 'OK' ? { token } : null
 *   },
 *   async release({ redis, key }) {
 *     return (await redis.del(key)) === 1
 *   },
 * })
 *
 * assertValid(await hunt(lock, { faults: 1 }))       // an object: in this thread
 * assertValid(await hunt('./my-lock.ts'))            // a file: in workers, as `npx lockstorm hunt ./my-lock.ts` does
 * ```
 *
 * Importing lockstorm makes time, timers, randomness and sockets of this process virtual inside a world; outside worlds they
 * are the real ones. For an object, import lockstorm before the libraries that its lock uses: one that keeps its own reference to
 * a timer when it is loaded (redlock 4, by bluebird) would set real timers, for which no world waits. One that looks timers up
 * when it sets them (redlock 5) may come first. With a file there is no such order: its worker sees to it.
 */
import './world/node/environment.ts'

export { PROPERTIES, type PropertyName, type Verdict, type Violation, type ViolationKind } from './check/verdict.ts'
export { assertValid, NotValidError, type Result } from './engine/assert-valid.ts'
export { hunt, type JudgeResult, judge, replay, run } from './engine/door.ts'
export type { HuntResult } from './engine/hunt.ts'
export type { HuntOptions, LockByShape, ReplayOptions, RunOptions, SubjectDefinition } from './engine/options.ts'
export type { ReplayResult } from './engine/replay.ts'
export type { RunResult } from './engine/run.ts'
export {
  type Candidate,
  defineLeader,
  type LeaderContext,
  type LeaderDefinition,
} from './leader/leader.ts'
export { ELECTIONS } from './leader/registry.ts'
export { defineLock, type Lease, type LockContext, type LockDefinition } from './lock/lock.ts'
export type { RedisCommands, Transaction } from './lock/redis-commands.ts'
export { LOCKS } from './lock/registry.ts'
export { SEMAPHORES } from './lock/semaphore/registry.ts'
export { defineQueue, type Handle, type QueueContext, type QueueDefinition } from './queue/job-queue.ts'
export { QUEUES } from './queue/registry.ts'
export { defineReadWriteLock, type ReadWriteLockDefinition } from './read-write/read-write-lock.ts'
export { READ_WRITE_LOCKS } from './read-write/registry.ts'
export { type AskOptions, ask } from './session/node/ask.ts'
export { SESSION_STORES } from './session/registry.ts'
export {
  type AppRequest,
  type AppResponse,
  type Cart,
  defineSessionApp,
  type SessionApp,
  type SessionAppContext,
  type SessionAppDefinition,
} from './session/session-app.ts'
export {
  defineSessionStore,
  type LoadedSession,
  type SessionContext,
  type SessionFields,
  type SessionStoreDefinition,
} from './session/session-store.ts'
export { UsageError } from './sim/usage-error.ts'
export { ENGINE_VERSION } from './world/engine-version.ts'
