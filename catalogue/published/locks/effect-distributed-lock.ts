/** effect-distributed-lock: a semaphore of one permit around an effect, which is interrupted when it is lost. */
import { Effect } from 'effect'
import { DistributedSemaphore, RedisBacking } from 'effect-distributed-lock'
import { Redis } from 'ioredis'

const backing = RedisBacking.layer(new Redis('redis://cache:6379'))

export const withLock = (key: string, ttlMs: number, work: (signal: AbortSignal) => Promise<void>): Promise<void> =>
  Effect.runPromise(
    DistributedSemaphore.make(key, { ttl: ttlMs }).pipe(
      // Interrupted when the lock is lost: then the signal is aborted.
      Effect.flatMap((mutex) => mutex.withPermits(1)(Effect.promise((signal) => work(signal)))),
      Effect.provide(backing),
    ),
  )
