/** A lock that is built on a callback: taken while the callback runs, not had when it is never called. */
import { describe, expect, it } from 'vitest'
import { defineLock } from '../../src/lock/lock.ts'
import { lockSubject } from '../../src/subject/subject.ts'
import { counterPlan, show } from '../check/worlds.ts'

const SCRIPT = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"

const right = defineLock({
  name: 'around',
  async around({ redis, key, token, ttlMs }, work) {
    if ((await redis.set(key, token, 'PX', ttlMs, 'NX')) !== 'OK') return
    try {
      await work(token)
    } finally {
      await redis.eval(SCRIPT, 1, key, token)
    }
  },
})

const forgetful = defineLock({
  name: 'forgetful',
  async around({ redis, key, token, ttlMs }, work) {
    await redis.set(key, token, 'PX', ttlMs)
    await work()
    await redis.del(key)
  },
})

const refusing = defineLock({
  name: 'refusing',
  async around({ redis, key }, work) {
    await redis.get(key)
    await work()
    throw new Error('the release failed')
  },
})

describe('around', () => {
  it('is a lock that is held while the callback runs', async () => {
    const { status, kinds, history } = await show(lockSubject(right), counterPlan())
    expect([status, kinds]).toEqual(['valid', []])
    expect(history.operations.some(({ op, outcome }) => op === 'acquire' && outcome === 'fail')).toBe(true)
  })

  it('is judged like any other lock', async () => {
    const { kinds } = await show(lockSubject(forgetful), counterPlan())
    expect(kinds).toContain('mutual-exclusion: bug')
    expect(kinds).toContain('foreign-release: bug')
  })

  it('fails its release when the callback was left and an error came after', async () => {
    const { history } = await show(lockSubject(refusing), counterPlan({ clients: 1 }))
    const release = history.operations.find(({ op }) => op === 'release')
    expect([release?.outcome, release?.answer]).toEqual(['info', ['A-1', 'the release failed']])
  })

  it('is judged by the signal that the callback is called with', async () => {
    const watched = defineLock({
      name: 'watched',
      async around({ redis, key, token, ttlMs }, work) {
        if ((await redis.set(key, token, 'PX', ttlMs, 'NX')) !== 'OK') return
        await work(AbortSignal.abort())
      },
    })
    const { history } = await show(lockSubject(watched), counterPlan({ clients: 1 }))
    const acquired = history.operations.find(({ op }) => op === 'acquire')
    expect(acquired?.answer).toContain('signal=signal')
    // It is lost before anything is done.
    expect(history.lanes.effects.filter(({ op }) => op === 'write')).toEqual([])
  })

  it('is refused without a name, in the words of every lock', () => {
    expect(() => defineLock({ name: '', around: async () => {} })).toThrow('expected a name: a non-empty string')
  })
})
