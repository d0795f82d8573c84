/**
 * crash: the subject never ends its process: no uncaught exception, no unhandled rejection, no `process.exit`.
 */
import { readUncaught } from '../record/world.ts'
import type { Check } from './check.ts'

export const crash: Check = {
  name: 'crash',
  heading: 'subject crashed its process',
  weight: 'blocked-for-ever',
  summary: 'the library never ends its process',
  subjects: ['lock', 'session', 'job-queue', 'leader-election', 'read-write-lock'],
  run: (history) =>
    history.lanes.notes
      .filter((record) => record.op === 'uncaught')
      .map((record) => {
        const { message, origin } = readUncaught(record)
        return {
          property: 'crash' as const,
          kind: 'bug' as const,
          told: { kind: 'process-ended' as const, client: record.process, message },
          cause: origin === 'exit' ? ({ kind: 'exit-called' } as const) : ({ kind: 'uncaught', origin } as const),
          atUs: record.atUs,
          untilUs: record.atUs,
          processes: [record.process],
        }
      }),
}
