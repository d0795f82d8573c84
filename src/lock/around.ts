/**
 * A lock that is built on a callback (`withLock(key, fn)`, `using`) as a lock with two ends: the callback waits until the
 * holder lets go.
 *
 *   acquire   around(…, fn) ──── fn is called ──▶ held            fn never called: not had
 *   release                      fn returns ──▶ around settles    around rejects: the release failed
 */
import { leaseOf } from './given-lease.ts'
import type { Lease, LockContext, LockDefinition } from './lock.ts'
import type { RedisCommands } from './redis-commands.ts'

/**
 * Runs `work` under the lock. What it is called with is the lease: nothing, a token, a signal in an object …
 * Resolving without having called it: somebody else holds the lock.
 */
export type Around<Redis = RedisCommands> = (
  context: LockContext<Redis>,
  work: (lease?: unknown) => Promise<void>,
) => Promise<unknown>

interface Open {
  readonly finish: () => void
  /** Settles as `around` does, which may have called back before it returned. */
  readonly over: () => Promise<unknown>
}

/** `acquire` and `release` over a callback. */
export function endsOf<Redis>(around: Around<Redis>): Pick<LockDefinition<Redis>, 'acquire' | 'release'> {
  const open = new WeakMap<Lease, Open>()
  return {
    acquire: (context) =>
      new Promise((resolve, reject) => {
        let isCalled = false
        let finish = (): void => {}
        const finished = new Promise<void>((done) => {
          finish = done
        })
        const over = around(context, (given) => {
          isCalled = true
          const lease = leaseOf(given) ?? { given }
          open.set(lease, { finish, over: () => over })
          resolve(lease)
          return finished
        })
        over.then(
          () => {
            if (!isCalled) resolve(null)
          },
          (error: unknown) => {
            // After the call the rejection belongs to the release, which waits for it.
            if (!isCalled) reject(error)
          },
        )
      }),
    async release(_context, lease) {
      const held = open.get(lease)
      held?.finish()
      await held?.over()
      return true
    },
  }
}
