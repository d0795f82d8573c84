/**
 * How a subject is got ready for a job: what is the user's is tried out first, in a world without faults.
 */
import type { HuntParameters } from '../explore/base-plan.ts'
import { isBuiltIn, type Subject } from '../subject/subject.ts'
import { tryOut } from '../tryout/try-out.ts'
import type { Ground } from './open.ts'

/** A subject, and what is told of it and of the Redis. */
export interface Ready {
  readonly subject: Subject
  readonly notices: readonly string[]
}

export type Trial = (subject: Subject, ground: Ground, parameters: HuntParameters) => Ready | Promise<Ready>

/** Without a trial. */
export const asGiven = (subject: Subject, { warning }: Ground): Ready => ({
  subject,
  notices: warning === null ? [] : [warning],
})

/**
 * Tries it out; what is built in needs no trial.
 * @throws UsageError when it cannot be tested
 */
export async function triedOut(subject: Subject, ground: Ground, parameters: HuntParameters): Promise<Ready> {
  const untried = asGiven(subject, ground)
  if (isBuiltIn(subject)) return untried
  const tried = await tryOut(subject, parameters, ground)
  if (tried.keys.length === 0) return untried
  const told = `${subject.name} uses the key ${tried.keys.join(', ')}, as a world without faults shows (keys: … in the lock says otherwise)`
  return { subject: tried.subject, notices: [...untried.notices, told] }
}
