/**
 * Session pitfalls of other worlds (PHP, OAuth) as small models: what each does wrong, beside the same with its cure.
 */
import { describe, expect, it } from 'vitest'
import { appSubject, sessionSubject } from '../../src/subject/subject.ts'
import { cartPlan, fault, show } from '../check/worlds.ts'
import { cartModel } from './models/cart-model.ts'
import { impatientLock } from './models/impatient-lock.ts'
import { rotatingToken } from './models/rotating-token.ts'
import { sealedCookie } from './models/sealed-cookie.ts'

describe('P94: a session lock that is not waited for', () => {
  const slow = cartPlan({ faults: [fault('slow-work', { process: 'A', by: '100ms' }, 'A before load')] })

  it('loses updates when a request takes longer than the patience of others', async () => {
    const { kinds } = await show(sessionSubject(impatientLock('phpredis')), slow)
    expect(kinds).toContain('session-lost-update: bug')
  })

  it('does not when the others wait long enough', async () => {
    const { kinds, status } = await show(sessionSubject(impatientLock('patient', 100)), slow)
    expect(kinds).toEqual([])
    expect(status).toBe('valid')
  })
})

describe('P96: refresh tokens that are used once', () => {
  it('log the user out when two tabs refresh at the same time', async () => {
    const { kinds } = await show(appSubject(rotatingToken('once')), cartPlan())
    expect(kinds).toContain('session-vanished: bug')
  })

  it('do not when the old token is good for a while longer', async () => {
    const { kinds, status } = await show(appSubject(rotatingToken('grace', 1_000)), cartPlan())
    expect(kinds).toEqual([])
    expect(status).toBe('valid')
  })
})

describe('P97: a session that is nowhere but in the cookie', () => {
  const plan = (logout: boolean) => cartPlan({ workload: { kind: 'cart', requests: 2, workUs: 10_000, logout } })

  it('loses updates, because the last Set-Cookie wins in the browser', async () => {
    expect((await show(appSubject(sealedCookie), plan(false))).kinds).toContain('session-lost-update: bug')
  })

  it('cannot be revoked: who kept the cookie is logged in after the logout', async () => {
    expect((await show(appSubject(sealedCookie), plan(true))).kinds).toContain('session-resurrected: bug')
    expect((await show(appSubject(cartModel('on the server')), plan(true))).kinds).toEqual([])
  })
})
