/**
 * What people's code hands to a holder, as a lease: `true`, a token, a function that releases, an object of a library.
 */
import { shown } from '../sim/shown.ts'
import type { Lease } from './lock.ts'

/** A lease with what was handed out, for the release. */
export interface GivenLease extends Lease {
  readonly given: unknown
}

const TOKENS = ['token', 'value', 'lockId', 'identifier', 'id', 'uuid'] as const
const ENDS = ['expiresAt', 'expiration', 'expires'] as const
/** `{ acquired: false }` is no lease. */
const FLAGS = ['acquired', 'isAcquired', 'locked', 'success', 'ok', 'granted', 'held'] as const
const FENCES = ['fence', 'fencingToken', 'fencing'] as const

/**
 * The lease that a value stands for; null: the lock was not had.
 * @throws TypeError when the value is none of what locks hand out
 */
export function leaseOf(given: unknown): GivenLease | null {
  switch (typeof given) {
    case 'undefined':
      return null
    case 'boolean':
      return given ? { given } : null
    case 'string':
      // The answer to SET itself is no token.
      return given === '' ? null : given === 'OK' ? { given } : { given, token: given }
    case 'function':
      return { given }
    case 'object':
      return given === null || FLAGS.some((name) => fieldOf(given, name) === false) ? null : sayFor({ given }, given)
    default:
      throw new TypeError(`acquire returned ${shown(given)}: expected a lease, true, a token, or null`)
  }
}

/** What gives an object of a library back: a method of it, or its disposal. Null: it has none. */
export function endOf(given: object): { readonly name: string; readonly method: (...args: never[]) => unknown } | null {
  for (const name of [...ENDING, Symbol.asyncDispose, Symbol.dispose]) {
    const end = fieldOf(given, name)
    if (typeof end === 'function') return { name: String(name), method: end as (...args: never[]) => unknown }
  }
  return null
}

const ENDING = ['release', 'unlock', 'free', 'releaseLock'] as const

/** Whether an object says of itself that it is a lease; of one that does not, the lock may as well not be had. */
export const isLease = (given: object): boolean =>
  endOf(given) !== null ||
  FLAGS.some((name) => fieldOf(given, name) === true) ||
  [...TOKENS, ...FENCES].some((name) => ['string', 'number', 'bigint'].includes(typeof fieldOf(given, name)))

const fieldOf = (given: object, name: string | symbol): unknown => (given as Record<string | symbol, unknown>)[name]

/** Adds what an object of a library says of itself, under the names that lockstorm knows. */
function sayFor(lease: GivenLease, given: object): GivenLease {
  const field = (name: string): unknown => (given as Record<string, unknown>)[name]
  // What may move while the library renews is read when it is asked for.
  const say = (name: keyof Lease, get: () => unknown): void => {
    Object.defineProperty(lease, name, { get, enumerable: true })
  }
  const token = TOKENS.find((name) => typeof field(name) === 'string')
  if (token !== undefined) say('token', () => field(token))
  const fence = FENCES.find((name) => ['number', 'bigint'].includes(typeof field(name)))
  if (fence !== undefined) say('fence', () => field(fence))
  const end = ENDS.find((name) => isTime(field(name)))
  if (end !== undefined) say('expiresAt', () => Number(field(end)))
  if (typeof field('validUntil') === 'number') say('validUntil', () => field('validUntil'))
  if (typeof field('isHeld') === 'function') say('isHeld', () => (field('isHeld') as () => boolean).bind(given))
  const signal = field('signal')
  if (isSignal(signal)) say('signal', () => signal)
  // What redlock's `using` and others call back with is the signal itself.
  else if (isSignal(given)) say('signal', () => given)
  return lease
}

const isSignal = (value: unknown): boolean => typeof value === 'object' && value !== null && 'aborted' in value

/** Milliseconds since 1970, or a Date: not a duration. */
const isTime = (value: unknown): boolean => (typeof value === 'number' && value > 1e12) || value instanceof Date
