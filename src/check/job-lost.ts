/**
 * job-lost: a job that a queue has acknowledged is done, at the latest when all faults are over and its lease has ended several
 * times. A job that failed, which its queue was told, is the queue's to keep or not.
 *
 * A limit where Redis forgot it: no queue on a server that forgets can prevent that.
 */
import type { History } from '../history/history.ts'
import type { Operation } from '../history/operation.ts'
import { jobOf } from '../record/job.ts'
import type { Cause } from './cause.ts'
import type { Check } from './check.ts'
import { type QueueRun, queueRuns } from './queue-runs.ts'
import { forgottenIn } from './server-loss.ts'
import type { Violation, ViolationKind } from './verdict.ts'

export const jobLost: Check = {
  name: 'job-lost',
  heading: 'job lost',
  weight: 'harm',
  summary: 'a job that a queue has acknowledged is done',
  subjects: ['job-queue'],
  run(history) {
    const runs = queueRuns(history)
    return history.operations.flatMap((put): Violation[] => {
      if (put.op !== 'put' || put.outcome !== 'ok') return []
      const job = jobOf(put.asked)
      const ofJob = runs.filter((run) => run.job === job)
      if (ofJob.some(({ outcome, untilUs }) => outcome !== 'pending' || untilUs === history.endUs)) return []
      return [
        {
          property: 'job-lost',
          ...reasonOf(history, put, ofJob.at(-1)),
          told: { kind: 'job-not-done', client: put.process, job, calmUs: history.endUs - history.healedUs },
          atUs: ofJob.at(-1)?.untilUs ?? put.endedUs,
          untilUs: history.endUs,
          processes: [put.process, ...ofJob.map(({ client }) => client)],
        },
      ]
    })
  },
}

/** @param last its last run, which its worker did not survive; undefined: no worker has had it. */
function reasonOf(
  history: History,
  put: Operation,
  last: QueueRun | undefined,
): { readonly kind: ViolationKind; readonly cause: Cause } {
  const forgotten = forgottenIn(history, { fromUs: put.invokedUs, untilUs: history.endUs })
  if (forgotten !== null) return { kind: 'limit', cause: { kind: 'job-forgotten', ...forgotten } }
  return { kind: 'bug', cause: { kind: 'job-gone', worker: last?.client ?? null } }
}
