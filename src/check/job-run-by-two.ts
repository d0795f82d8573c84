/**
 * job-run-by-two: a job of a queue is run by one worker at a time.
 *
 * A limit where its first worker was stopped, cut off, or Redis forgot whose it is: no queue can tell such a worker from one that
 * has ended, and a job that is never run again would be lost.
 *
 * Source: https://docs.bullmq.io/guide/workers/stalled-jobs, "the job … will be picked up by another worker and executed again"
 */
import type { Check } from './check.ts'
import { claimEnded, type QueueRun, queueRuns } from './queue-runs.ts'
import type { Violation } from './verdict.ts'

export const jobRunByTwo: Check = {
  name: 'job-run-by-two',
  heading: 'job run by two',
  weight: 'harm',
  summary: 'a job of a queue is run by one worker at a time',
  subjects: ['job-queue'],
  run(history) {
    const running = new Map<number, QueueRun>()
    return queueRuns(history).flatMap((run): Violation[] => {
      const earlier = running.get(run.job)
      if (earlier === undefined || earlier.untilUs < run.untilUs) running.set(run.job, run)
      if (earlier === undefined || earlier.untilUs <= run.fromUs) return []
      const untilUs = Math.min(earlier.untilUs, run.untilUs)
      return [
        {
          property: 'job-run-by-two',
          ...claimEnded(history, earlier, run),
          told: {
            kind: 'both-ran',
            job: run.job,
            earlier: earlier.client,
            later: run.client,
            forUs: untilUs - run.fromUs,
          },
          atUs: run.fromUs,
          untilUs,
          processes: [earlier.client, run.client],
        },
      ]
    })
  },
}
