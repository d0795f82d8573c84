/** What it takes where nothing that runs on the client can prevent a violation: one sentence for each kind of limit. */
import type { Violation } from '../check/verdict.ts'

const FENCING = 'Needs fencing: no lock with a lease can prevent this by itself.'

/** What a limit needs; null: it is a bug, which the code under test can mend itself. */
export function needsOf({ kind, property, cause }: Violation): string | null {
  if (kind === 'bug') return null
  if (property === 'session-vanished' && cause.kind === 'redis-lost-it') {
    return "Redis's clock jumped past the session's end: no session store can prevent this."
  }
  switch (cause.kind) {
    case 'redis-lost-it':
      return cause.ends.every(({ how }) => how === 'clock ahead')
        ? "Needs fencing: the lease ended by Redis's clock, which no client can see."
        : 'Redis forgot it: no lock on a server that forgets can prevent this by itself.'
    case 'session-let-go':
    case 'logout-forgotten':
      return 'Redis forgot it: no session store on a server that forgets can prevent this.'
    case 'claim-ended':
    case 'claim-forgotten':
      return 'Needs jobs that may run twice: no queue can tell a worker that is away from one that has ended.'
    case 'lead-forgotten':
      return cause.how === 'clock ahead'
        ? "Needs fencing by terms: the lease ended by Redis's clock, which no client can see."
        : 'Redis forgot it: no election on a server that forgets can prevent this.'
    case 'term-forgotten':
      return 'Redis forgot it: no election on a server that forgets can prevent this.'
    case 'job-forgotten':
      return 'Redis forgot it: no queue on a server that forgets can prevent this.'
    case 'lock-forgets':
      return 'Needs a record of what was done: a lock excludes while it is held, and remembers nothing.'
    case 'run-not-recorded':
      return 'Needs work that may run twice: between doing it and recording that it was done, a process can end.'
    case 'writer-without-lock':
      return 'Needs a fence for what is filled in: no lock holds a writer that does not take it.'
    default:
      return FENCING
  }
}
