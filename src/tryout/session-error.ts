/**
 * What is wrong with the set-up of a session store or a web application: in a world without faults nothing of what it was asked
 * succeeded, or a browser that is alone logs in and is never logged in.
 */

import { fieldsOf } from '../record/fields.ts'
import { seenBy } from '../record/session.ts'
import { UsageError } from '../sim/usage-error.ts'
import type { WorldRun } from '../world/run-world.ts'

/** The error that a user is told; null: the set-up is right. */
export function sessionError({ name, run }: { readonly name: string; readonly run: WorldRun }): UsageError | null {
  const ended = run.records.filter(({ type }) => type === 'ok' || type === 'fail' || type === 'info')
  if (ended.length === 0 || ended.some(({ type }) => type === 'ok')) return null
  const reasons = ended
    .map(({ value }) => (Array.isArray(value) ? value.at(-1) : value))
    .filter((value) => typeof value === 'string')
  return new UsageError(
    name,
    `all of ${ended.length} requests failed, without any fault: ${reasons[0] ?? 'no reason was given'}`,
    'make one request succeed: nothing else can be tested before',
  )
}

/** Whether no request found the session of a login that was answered. */
export function isNeverLoggedIn({ records }: WorldRun): boolean {
  const ended = records.filter(({ type }) => type === 'ok')
  const looks = ended.filter(({ op }) => op === 'read' || op === 'load')
  const isNull = looks.map((look) => seenBy(look.op, fieldsOf(look)) === null)
  return ended.some(({ op }) => op === 'login') && isNull.length > 0 && isNull.every(Boolean)
}

/** What a user is told of a web application in which that is so for a browser that is alone. */
export const neverLoggedIn = (name: string): UsageError =>
  new UsageError(
    name,
    'its login was answered, and no request after it came from a user who is logged in: no fault, no other browser',
    "hand on setCookie, cookie and cart; a cookie that is 'secure' is only set over HTTPS: send x-forwarded-proto: https, or switch it off",
  )
