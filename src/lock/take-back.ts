/**
 * What careful locks do with a connection that fails them: no call waits longer than the lease, and what may have been taken
 * is given back before the caller hears that it was not.
 */
import type { Lease, LockContext } from './lock.ts'
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

/**
 * A lease that is counted from before it was asked for; null when another client has the lock, or the answer came when the lease was
 * over, which is then given back.
 * @param take asks Redis; 1: it was taken
 * @param usableMs for how long the holder may believe in it
 */
export async function leaseInTime(
  context: LockContext,
  take: () => Promise<unknown>,
  { usableMs, release }: { readonly usableMs: number; readonly release: (context: LockContext) => Promise<unknown> },
): Promise<Lease | null> {
  const validUntil = performance.now() + usableMs
  let isTaken: boolean
  try {
    isTaken = (await withinLease(context, take())) === 1
  } catch (cause) {
    await takeBack(context, release)
    throw cause
  }
  if (!isTaken) return null
  if (performance.now() >= validUntil) {
    await takeBack(context, release)
    return null
  }
  return { token: context.token, validUntil, isHeld: () => performance.now() < validUntil }
}

const releaseAttempt = (context: LockContext): Promise<boolean> => releaseOwn(context, context.token)
