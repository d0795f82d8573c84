/** What it takes where nothing that runs on the client can prevent a violation: one sentence for each kind of limit. */
import type { Violation } from '../check/verdict.ts'
import type { Language } from '../text/language.ts'
import { WORDS } from './words.ts'

type Judged = Pick<Violation, 'kind' | 'property' | 'told' | 'cause' | 'service'>

/** What a limit needs, or what no code can do without. */
export type Need =
  | 'fencing'
  | 'fencing: clock ahead'
  | 'terms: clock ahead'
  | 'memory: lock'
  | 'memory: session'
  | 'memory: election'
  | 'memory: queue'
  | 'session clock'
  | 'jobs that may run twice'
  | 'work that may run twice'
  | 'record of what was done'
  | 'fence for what is filled in'

/** What a limit needs; null: it is a bug, which the code under test can mend itself. */
export function needsOf(violation: Judged, language: Language = 'en'): string | null {
  const need = needOf(violation)
  return need === null ? null : WORDS[language].needs(need, violation.service)
}

/** Whether it is about a session, which no client holds. */
export const isOfSession = ({ property, told }: Pick<Violation, 'property' | 'told'>): boolean =>
  property.startsWith('session-') || told.kind === 'not-one-after-the-other'

function needOf(violation: Judged): Need | null {
  const { kind, cause } = violation
  if (kind === 'bug') return null
  if (cause.kind === 'redis-lost-it' && isOfSession(violation)) return 'session clock'
  switch (cause.kind) {
    case 'redis-lost-it':
      return cause.ends.every(({ how }) => how === 'clock ahead') ? 'fencing: clock ahead' : 'memory: lock'
    case 'session-let-go':
    case 'logout-forgotten':
      return 'memory: session'
    case 'claim-ended':
    case 'claim-forgotten':
      return 'jobs that may run twice'
    case 'lead-forgotten':
      return cause.how === 'clock ahead' ? 'terms: clock ahead' : 'memory: election'
    case 'term-forgotten':
      return 'memory: election'
    case 'job-forgotten':
      return 'memory: queue'
    case 'lock-forgets':
      return 'record of what was done'
    case 'run-not-recorded':
      return 'work that may run twice'
    case 'writer-without-lock':
      return 'fence for what is filled in'
    default:
      return 'fencing'
  }
}
