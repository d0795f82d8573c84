/** What it takes besides the client's code, in English. */
import type { Service } from '../../history/history.ts'
import type { Need } from '../needs.ts'
import { asked, askedFirst } from './asked.ts'

const needs = (service: Service | undefined): Readonly<Record<Need, string>> => ({
  fencing: 'Needs fencing: no lock with a lease can prevent this by itself.',
  'fencing: clock ahead': `Needs fencing: the lease ended by ${asked(service)}'s clock, which no client can see.`,
  'terms: clock ahead': `Needs fencing by terms: the lease ended by ${asked(service)}'s clock, which no client can see.`,
  'memory: lock': `${askedFirst(service)} forgot it: no lock on a server that forgets can prevent this by itself.`,
  'memory: session': `${askedFirst(service)} forgot it: no session store on a server that forgets can prevent this.`,
  'memory: election': `${askedFirst(service)} forgot it: no election on a server that forgets can prevent this.`,
  'memory: queue': `${askedFirst(service)} forgot it: no queue on a server that forgets can prevent this.`,
  'session clock': `${askedFirst(service)}'s clock jumped past the session's end: no session store can prevent this.`,
  'jobs that may run twice':
    'Needs jobs that may run twice: no queue can tell a worker that is away from one that has ended.',
  'work that may run twice':
    'Needs work that may run twice: between doing it and recording that it was done, a process can end.',
  'record of what was done':
    'Needs a record of what was done: a lock excludes while it is held, and remembers nothing.',
  'fence for what is filled in': 'Needs a fence for what is filled in: no lock holds a writer that does not take it.',
})

/** What it takes. */
export const needWords = (need: Need, service: Service | undefined): string => needs(service)[need]
