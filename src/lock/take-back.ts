/**
 * What careful locks do with a connection that fails them: no call waits longer than the lease, and what may have been taken
 * is given back before the caller hears that it was not.
 */
import type { LockContext } from './lock.ts'
import { COMPARE_AND_DELETE } from './release-script.ts'

// The host's clock and timers: virtual inside a world.
declare const performance: { now(): number }
declare function setTimeout(task: () => void, ms: number): unknown
declare function clearTimeout(timer: unknown): void

/**
 * The answer to a command, or an error when there is none within one lease: a server that lost its power tells nobody, and
 * a driver waits for ever.
 */
export async function withinLease<Answer>({ ttlMs }: LockContext, command: Promise<Answer>): Promise<Answer> {
  let timer: unknown
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ttlMs} ms`)), ttlMs)
  })
  try {
    return await Promise.race([command, silence])
  } finally {
    clearTimeout(timer)
  }
}

/** Compare-and-delete. True: the key was ours. */
export const releaseOwn = async (context: LockContext, token: string): Promise<boolean> =>
  (await withinLease(context, context.redis.eval(COMPARE_AND_DELETE, 1, context.key, token))) === 1

/**
 * Releases what may have been taken, again and again while the connection fails, until the lease must have ended by itself.
 * @param release how it is given back; missing: compare-and-delete
 */
export async function takeBack(
  context: LockContext,
  release: (context: LockContext) => Promise<unknown> = releaseAttempt,
): Promise<void> {
  const endedAt = performance.now() + context.ttlMs
  while (performance.now() < endedAt) {
    try {
      await release(context)
      return
    } catch {
      await new Promise<void>((resolve) => setTimeout(resolve, context.ttlMs / 20))
    }
  }
}

const releaseAttempt = (context: LockContext): Promise<boolean> => releaseOwn(context, context.token)
