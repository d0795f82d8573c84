/** A session of a web application that is gone: Redis let it go, or the application did. */
import { expect, it } from 'vitest'
import { defineSessionApp } from '../../src/session/session-app.ts'
import { appSubject } from '../../src/subject/subject.ts'
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
