/**
 * The locks of `docs/scoreboard.md`, as a lock file: `lockstorm replay TOKEN --lock catalogue/scoreboard/locks.ts`.
 *
 * Each library has its own defaults; where it counts votes there is one row on one node and one on three.
 */
import { over } from '../libraries/any-lock.ts'
import { redisMutex } from '../libraries/redis-mutex.ts'
import { mutex, redlockMutex, semaphore } from '../libraries/redis-semaphore.ts'
import { redlock4 as redlock4Lock } from '../libraries/redlock-4.ts'
import { redlock5 as redlock5Lock, redlock5Using as redlock5UsingLock } from '../libraries/redlock-5.ts'
import { universal, universalRedlock } from '../libraries/redlock-universal.ts'
import { simpleRedisMutex as simpleRedisMutexLock } from '../libraries/simple-redis-mutex.ts'

export const redlock4 = redlock4Lock()
export const redlock4Over3 = over(3, redlock4Lock('redlock-4-over-3'))
export const redlock5 = redlock5Lock()
export const redlock5Over3 = over(3, redlock5Lock('redlock-5-over-3'))
export const redlock5Using = redlock5UsingLock()
export const semaphoreMutex = mutex()
export const semaphoreOfOne = semaphore()
export const semaphoreRedlockOver3 = over(3, redlockMutex('redis-semaphore-redlock-mutex-over-3'))
export const redlockUniversal = universal()
export const redlockUniversalOver3 = over(3, universalRedlock('redlock-universal-over-3'))
export const redisMutexRun = redisMutex()
/** Its default is a look every 10 s at a lock whose holder has vanished: longer than a world of a hunt lasts. */
export const simpleRedisMutex = simpleRedisMutexLock('simple-redis-mutex', { pollingInterval: 50 })
