/** The cookie jar: what RFC 6265 says of a browser's cookies, as far as sessions need it. */
import { describe, expect, it } from 'vitest'
import { EPOCH_US } from '../../../src/sim/clock.ts'
import { Browser } from '../../../src/workload/cart/browser.ts'

const at = (iso: string): number => Date.parse(iso) * 1000 - EPOCH_US

describe('a browser', () => {
  it('sends the last value of each cookie, without its attributes', () => {
    const browser = new Browser('u1')
    browser.accept(['sid=a=1; Path=/; HttpOnly', 'theme=dark'], 0)
    browser.accept(['sid=b'], 1)
    expect(browser.header(2)).toBe('sid=b; theme=dark')
  })

  it('forgets a cookie when its Max-Age is over, and at once when it is 0', () => {
    const browser = new Browser('u1')
    browser.accept(['sid=a; Max-Age=2'], 1_000_000)
    expect(browser.header(2_999_999)).toBe('sid=a')
    expect(browser.header(3_000_000)).toBe('')
    browser.accept(['sid=a', 'sid=; Max-Age=0; Expires=Fri, 01 Jan 2100 00:00:00 GMT'], 0)
    expect(browser.header(0)).toBe('')
  })

  it('forgets a cookie when Expires has come, whatever the year', () => {
    for (const iso of [
      '2026-01-01T00:00:10Z',
      '2028-02-29T23:59:59Z',
      '2100-03-01T12:00:00Z',
      '2000-12-31T00:00:00Z',
    ]) {
      const browser = new Browser('u1')
      browser.accept([`sid=a; Expires=${new Date(iso).toUTCString()}`], 0)
      expect(browser.header(at(iso) - 1), iso).toBe('sid=a')
      expect(browser.header(at(iso)), iso).toBe('')
    }
  })

  it('keeps a cookie for the session when Expires cannot be read', () => {
    const browser = new Browser('u1')
    browser.accept(['sid=a; Expires=tomorrow'], 0)
    expect(browser.header(Number.MAX_SAFE_INTEGER)).toBe('sid=a')
  })
})
