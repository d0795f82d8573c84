/**
 * lockstorm's public interface: declaring locks, session stores and web applications, and judging histories.
 *
 * ```ts
 * import { defineLock } from 'lockstorm'
 *
 * export default defineLock({
 *   name: 'my-lock',
 *   async acquire({ redis, key, token, ttlMs }) {
 *     return (await redis.set(key, token, 'PX', ttlMs, 'NX')) === 'OK' ? { token } : null
 *   },
 *   async release({ redis, key }, lease) {
 *     return (await redis.del(key)) === 1
 *   },
 * })
 * ```
 *
 * Run it with `npx lockstorm run --lock ./my-lock.ts`.
 */
export { PROPERTIES, type PropertyName, type Verdict, type Violation, type ViolationKind } from './check/verdict.ts'
export { defineLock, type Lease, type LockContext, type LockDefinition } from './lock/lock.ts'
export type { RedisCommands, Transaction } from './lock/redis-commands.ts'
export { LOCKS } from './lock/registry.ts'
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
