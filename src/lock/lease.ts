/**
 * What `acquire` may return, and the lease that it means: an object that says something of itself, `true`, or a token.
 */
import { shown } from '../sim/shown.ts'
import type { Lease } from './lock.ts'

/** Whether an acquire says that the client does not have the lock. */
export const isRefusal = (returned: unknown): returned is null | undefined | false =>
  returned === null || returned === undefined || returned === false

/**
 * The lease that a returned value means.
 * @throws TypeError when it is none
 */
export function leaseOf(returned: unknown): Lease {
  if (typeof returned === 'object' && returned !== null) return returned
  if (returned === true) return {}
  if (typeof returned === 'string' && returned !== '') return { token: returned }
  throw new TypeError(`acquire returned ${shown(returned)}: expected a lease such as { token }, true, a token, or null`)
}
