/**
 * How a subject is got ready for a job: what is the user's is tried out first, in a world without faults.
 */
import type { HuntParameters } from '../explore/base-plan.ts'
import { formatUs, writeUs } from '../sim/units.ts'
import { isBuiltIn, type Subject } from '../subject/subject.ts'
import { type TriedOut, tryOut } from '../tryout/try-out.ts'
import type { Ground } from './open.ts'

/** A subject, the use that fits it, and what is told of it and of the Redis. */
export interface Ready {
  readonly subject: Subject
  readonly parameters: HuntParameters
  readonly notices: readonly string[]
}

export type Trial = (subject: Subject, ground: Ground, parameters: HuntParameters) => Ready | Promise<Ready>

/** Without a trial. */
export const asGiven: (...given: Parameters<Trial>) => Ready = (subject, { warning }, parameters) => ({
  subject,
  parameters,
  notices: [subject.understood ?? [], warning ?? []].flat(),
})

/**
 * Tries it out; what is built in needs no trial.
 * @throws UsageError when it cannot be tested
 */
export async function triedOut(subject: Subject, ground: Ground, parameters: HuntParameters): Promise<Ready> {
  const untried = asGiven(subject, ground, parameters)
  if (isBuiltIn(subject)) return untried
  const tried = await tryOut(subject, parameters, ground)
  return { subject: tried.subject, parameters: tried.parameters, notices: [...untried.notices, ...learned(tried)] }
}

/** What was learned, in words. */
function learned({ subject, keys, leaseMs, patienceMs, parameters, ledTo }: TriedOut): readonly string[] {
  const { name } = subject
  const told: string[] = []
  if (keys.length > 0) {
    told.push(
      `${name} uses the key ${keys.join(', ')}, as a world without faults shows (keys: … in the lock says otherwise)`,
    )
  }
  if (leaseMs !== null) {
    const isFixed = subject.kind === 'lock' && subject.lease?.kind === 'fixed'
    const lease = writeUs(leaseMs * 1_000)
    const { workUs, retryUs } = parameters
    told.push(
      `${name} has leases of ${lease}${isFixed ? ', whatever it is asked for' : ' at least'}: here a client works for ${writeUs(workUs)} and tries again after ${writeUs(retryUs)}`,
    )
  }
  const { ttlMs, workUs, retryUs, renews } = parameters
  if (patienceMs !== null) {
    const [tries, lease, work, retry] = [patienceMs * 1_000, ttlMs * 1_000, workUs, retryUs].map((us) => formatUs(us))
    told.push(
      `${name} tries for ${tries} before it gives up: here leases are ${lease}, a client works for ${work} and tries again after ${retry} (--ttl says otherwise)`,
    )
  }
  if (renews === true) told.push(`${name} renews its leases: clients whose work is longer are tried, too`)
  if (ledTo.size > 0) {
    const hosts = [...ledTo].map(([host, machine]) => `${host}, which is ${machine} here`)
    told.push(`${name} connects to ${hosts.join(', ')} (hosts: … in the config says otherwise)`)
  }
  return told
}
