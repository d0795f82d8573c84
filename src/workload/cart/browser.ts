/**
 * A browser, as far as sessions go: its cookie jar.
 *
 * Models          names and values, Max-Age, Expires by the browser's own (true) clock, the last Set-Cookie wins, a
 *                 cookie that has expired is gone.
 * Does not model  domains, paths, Secure, SameSite: there is one site.
 *
 * Source: RFC 6265, section 5
 */
import { EPOCH_US } from '../../sim/clock.ts'

interface Cookie {
  readonly value: string
  /** True time; null: as long as the browser is open. */
  readonly goneUs: number | null
}

export class Browser {
  /** Who sits in front of it. */
  readonly user: string
  /** Whether a login was answered. */
  isLoggedIn = false
  /** Whether it has asked for something. */
  hasAsked = false
  /** What it sent before a logout that was answered; null: there was none. */
  endedHeader: string | null = null
  readonly #cookies = new Map<string, Cookie>()

  constructor(user: string) {
    this.user = user
  }

  /** The Cookie header of a request at this true time. */
  header(nowUs: number): string {
    const live = [...this.#cookies].filter(([, { goneUs }]) => goneUs === null || nowUs < goneUs)
    return live.map(([name, { value }]) => `${name}=${value}`).join('; ')
  }

  /** Keeps what a response sets, and forgets what it takes away. */
  accept(setCookie: readonly string[], nowUs: number): void {
    for (const line of setCookie) {
      const [pair = '', ...attributes] = line.split(';').map((part) => part.trim())
      const [name, value] = splitAt(pair, '=')
      this.#cookies.set(name, { value, goneUs: goneUs(attributes, nowUs) })
    }
  }

  /** Takes over another browser's cookies: what a link or a subdomain of an attacker's can do. */
  plant(cookies: string): void {
    for (const pair of cookies.split('; ')) {
      const [name, value] = splitAt(pair, '=')
      if (name !== '') this.#cookies.set(name, { value, goneUs: null })
    }
  }
}

function splitAt(text: string, separator: string): [string, string] {
  const index = text.indexOf(separator)
  return index < 0 ? [text, ''] : [text.slice(0, index), text.slice(index + 1)]
}

/** Max-Age has precedence over Expires. */
function goneUs(attributes: readonly string[], nowUs: number): number | null {
  const named = new Map(
    attributes.map((attribute) => {
      const [name, value] = splitAt(attribute, '=')
      return [name.toLowerCase(), value]
    }),
  )
  const maxAge = Number(named.get('max-age') ?? Number.NaN)
  if (Number.isInteger(maxAge)) return maxAge <= 0 ? 0 : nowUs + maxAge * 1_000_000
  const expiresS = httpDateS(named.get('expires') ?? '')
  return expiresS === null ? null : expiresS * 1_000_000 - EPOCH_US
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** Seconds since 1970 of `Thu, 01 Jan 2026 00:00:10 GMT`; null when it is none. (`Date` is not for code in here.) */
function httpDateS(text: string): number | null {
  const match = /^\w{3}, (\d\d) (\w{3}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT$/.exec(text)
  if (match === null) return null
  const [, day, monthName = '', year, hours, minutes, seconds] = match
  const month = MONTHS.indexOf(monthName)
  if (month < 0) return null
  return (
    (daysSince1970(Number(year), month, Number(day)) * 24 + Number(hours)) * 3600 +
    Number(minutes) * 60 +
    Number(seconds)
  )
}

/** Years are counted from March, so that the leap day is the last of its year. */
function daysSince1970(year: number, month: number, day: number): number {
  const fromMarch = (month + 10) % 12
  const marchYear = year - (month < 2 ? 1 : 0)
  const leapDays = Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400)
  return marchYear * 365 + leapDays + Math.floor((fromMarch * 306 + 5) / 10) + day - 1 - 719_468
}
