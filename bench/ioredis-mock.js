/**
 * The same lock rounds without a simulator: ioredis-mock and fake timers, as people test locks today.
 */
import FakeTimers from '@sinonjs/fake-timers'
import RedisMock from 'ioredis-mock'
import { COMPARE_AND_DELETE } from '../dist/lock/release-script.js'

const ROUNDS = 3
const CLIENTS = 3

async function client(clock, redis, name, shared) {
  const sleep = (ms) => new Promise((resolve) => clock.setTimeout(resolve, ms))
  for (let round = 0; round < ROUNDS; round += 1) {
    const token = `${name}-${round}`
    while ((await redis.set('lock', token, 'PX', 1000, 'NX')) !== 'OK') await sleep(5)
    const value = shared.value
    await sleep(1)
    shared.value = value + 1
    await redis.eval(COMPARE_AND_DELETE, 1, 'lock', token)
  }
}

/** Worlds a second: three clients, three rounds each. */
export async function mockRounds(n) {
  const began = performance.now()
  for (let index = 0; index < n; index += 1) {
    const clock = FakeTimers.createClock()
    const shared = { value: 0 }
    const redis = new RedisMock()
    await redis.flushall()
    const done = Promise.all(Array.from({ length: CLIENTS }, (_, which) => client(clock, redis, `c${which}`, shared)))
    let isDone = false
    done.then(() => {
      isDone = true
    })
    while (!isDone) {
      await clock.nextAsync()
      await new Promise((resolve) => setImmediate(resolve))
    }
    if (shared.value !== CLIENTS * ROUNDS) throw new Error('the mock lost an update')
    redis.disconnect()
  }
  return n / ((performance.now() - began) / 1000)
}

/** SET NX and the release script, a second. */
export async function mockLockPairs(n) {
  const redis = new RedisMock()
  const began = performance.now()
  for (let index = 0; index < n; index += 1) {
    await redis.set('k', `t${index}`, 'PX', 30000, 'NX')
    await redis.eval(COMPARE_AND_DELETE, 1, 'k', `t${index}`)
  }
  redis.disconnect()
  return n / ((performance.now() - began) / 1000)
}
