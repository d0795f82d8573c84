/**
 * A `redis://` or `rediss://` URL: where a server is, how to be let in, and how to speak of it without its password.
 *
 * Source: https://www.iana.org/assignments/uri-schemes/prov/redis
 */
import { UsageError } from '../../sim/usage-error.ts'

const PORT = 6379

export interface RedisUrl {
  readonly host: string
  readonly port: number
  readonly tls: boolean
  /** Empty: the default user. */
  readonly username: string
  /** Empty: none. */
  readonly password: string
  readonly database: number
  /** The URL without its password, for people. */
  readonly redacted: string
}

/** Reads a URL. Throws a UsageError that does not repeat it: it may hold a password. */
export function parseRedisUrl(text: string): RedisUrl {
  let url: URL
  try {
    url = new URL(text)
  } catch {
    throw wrong('a URL such as redis://user:password@host:6379/0')
  }
  if (url.protocol !== 'redis:' && url.protocol !== 'rediss:')
    throw wrong('a URL that begins with redis:// or rediss://')
  if (url.hostname === '') throw wrong('a host in the URL, as in redis://localhost:6379')
  const path = url.pathname.replace(/^\//, '')
  if (!/^\d*$/.test(path)) throw wrong('a database number after the host, as in redis://localhost:6379/2')
  return {
    // IPv6 addresses stand in brackets in a URL, not in a socket.
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? PORT : Number(url.port),
    tls: url.protocol === 'rediss:',
    username: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: path === '' ? 0 : Number(path),
    redacted: redactUrl(text),
  }
}

/** The URL with *** for its password; anything that is no URL becomes ***. */
export function redactUrl(text: string): string {
  try {
    const url = new URL(text)
    if (url.password !== '') url.password = '***'
    // What stands behind ? or # is not for us, and may be secret.
    url.search = ''
    url.hash = ''
    return url.href
  } catch {
    return '***'
  }
}

const wrong = (expected: string): UsageError =>
  new UsageError(
    '--redis',
    `expected ${expected}`,
    'quote the URL in the shell, and percent-encode @ / : in a password',
  )
