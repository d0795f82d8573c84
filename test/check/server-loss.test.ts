/** A session of a web application that is gone: Redis let it go, or the application did. And what Redis let go, and when. */
import { describe, expect, it } from 'vitest'
import { forgottenIn, movedAheadUs } from '../../src/check/server-loss.ts'
import { defineSessionApp } from '../../src/session/session-app.ts'
import { appSubject } from '../../src/subject/subject.ts'
import { historyOf, type Line, strikes } from './by-hand.ts'
import { cartPlan, fault, show } from './worlds.ts'

/** Clears its only session whenever a server starts. */
const clearing = defineSessionApp({
  name: 'clearing',
  async start({ redis, ttlMs, work }) {
    await redis.del('session')
    return {
      async request({ action, cookie, user = '' }) {
        if (action === 'login') {
          await redis.set('session', user, 'PX', ttlMs)
          return { status: 200, setCookie: ['sid=1'] }
        }
        const found = cookie.includes('sid=1') ? await redis.get('session') : null
        await work()
        return {
          status: found === null ? 401 : 200,
          setCookie: [],
          cart: found === null ? null : { user: found, items: [] },
        }
      },
    }
  },
})

const vanished = async (process: string) => {
  const settings = { process, after: '5ms', 'keep-data': false }
  const { violations } = await show(
    appSubject(clearing),
    cartPlan({ faults: [fault('restart', settings, 'A after read')] }),
  )
  return violations
    .filter(({ property }) => property === 'session-vanished')
    .map(({ kind, cause }) => [kind, cause.kind])
}

it('is a limit when a Redis node lost its memory, and a bug when a web server did', async () => {
  expect(await vanished('redis-1')).toEqual([['limit', 'session-let-go']])
  expect(await vanished('C')).toEqual([['bug', 'session-gone']])
})

const within = { fromUs: 1_000_000, untilUs: 2_000_000 }
const HEALED_US = 4_000_000
const stormy = (...lines: readonly Line[]) => historyOf(lines, { voters: ['redis-1', 'redis-2'], healedUs: HEALED_US })

describe('what a server forgot', () => {
  const after = (atUs: number, kind: string, settings: Record<string, unknown>) =>
    forgottenIn(stormy(strikes(atUs, kind, settings)), within)

  it('is keys, not scripts, of a server, within the stretch of time', () => {
    expect(after(1_500_000, 'flush', { process: 'redis-1' })).toEqual({ node: 'redis-1', how: 'flush' })
    expect(after(1_500_000, 'evict', { process: 'redis-2' })).toEqual({ node: 'redis-2', how: 'eviction' })
    const restart = { after: '5ms', 'keep-data': false }
    expect(after(1_500_000, 'restart', { process: 'redis-1', ...restart })?.how).toBe('restart')
    expect(after(1_500_000, 'restart', { process: 'A', ...restart })).toBeNull()
    expect(after(1_500_000, 'script-flush', { process: 'redis-1' })).toBeNull()
    expect(after(999_999, 'flush', { process: 'redis-1' })).toBeNull()
    expect(after(2_000_001, 'flush', { process: 'redis-1' })).toBeNull()
  })

  it('is what a failover took, from when one was promoted until the former primary had ended or followed', () => {
    const promoted = (fromUs: number, untilUs: number) =>
      forgottenIn(
        stormy([fromUs, 'redis-2', 'note', 'promoted', 'redis-1'], [untilUs, 'redis-1', 'note', 'demoted', 'redis-2']),
        within,
      )
    expect(promoted(1_500_000, 1_600_000)).toEqual({ node: 'redis-1', how: 'failover' })
    expect(promoted(500_000, 3_000_000)).toEqual({ node: 'redis-1', how: 'failover' })
    expect(promoted(500_000, 999_999)).toBeNull()
    expect(promoted(2_000_001, 3_000_000)).toBeNull()
  })
})

describe('how far a clock got ahead', () => {
  const after = (atUs: number, kind: string, settings: Record<string, unknown>, stretch = within) =>
    movedAheadUs(stormy(strikes(atUs, kind, settings)), 'redis-1', stretch)
  const untilHealed = { fromUs: 1_000_000, untilUs: HEALED_US }

  it('is by how much it jumped ahead within the stretch of time', () => {
    const ahead = { process: 'redis-1', by: '3s' }
    for (const kind of ['clock-step', 'clock-offset']) {
      expect(after(1_500_000, kind, ahead)).toBe(3_000_000)
      expect(after(999_999, kind, ahead)).toBe(0)
      expect(after(2_000_001, kind, ahead)).toBe(0)
      // That it is set back when all heals makes it no slower before.
      expect(after(1_500_000, kind, ahead, untilHealed)).toBe(3_000_000)
      expect(after(1_500_000, kind, { process: 'redis-2', by: '3s' })).toBe(0)
      expect(after(1_500_000, kind, { process: 'redis-1', by: '-3s' })).toBe(0)
    }
  })

  it('is by how much one that was behind jumps when it is mended', () => {
    const behind = { process: 'redis-1', by: '-3s' }
    expect(after(1_500_000, 'clock-offset', behind, untilHealed)).toBe(3_000_000)
    expect(after(1_500_000, 'clock-step', behind, untilHealed)).toBe(0)
  })

  it('is what one that runs fast gained in the stretch of time, and of one that runs slow nothing', () => {
    const fast = { process: 'redis-1', ppm: 5_000 }
    expect(after(0, 'clock-rate', fast)).toBe(5_000)
    expect(after(1_800_000, 'clock-rate', fast)).toBe(1_000)
    expect(after(2_500_000, 'clock-rate', fast)).toBe(0)
    expect(after(0, 'clock-rate', { process: 'redis-1', ppm: -5_000 })).toBe(0)
    expect(after(2_500_000, 'clock-rate', { process: 'redis-1', ppm: -5_000 })).toBe(0)
    expect(after(0, 'clock-rate', { process: 'redis-2', ppm: 5_000 })).toBe(0)
  })
})
