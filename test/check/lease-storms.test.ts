/** Storms that showed a bug of our own semaphore, read-write lock or queue and are none: found by random hunts. */
import { expect, it } from 'vitest'
import { leasedSemaphore } from '../../src/lock/semaphore/leased-semaphore.ts'
import { leasedList } from '../../src/queue/leased-list.ts'
import { leasedReaders } from '../../src/read-write/leased-readers.ts'
import { lockSubject, queueSubject, readWriteSubject, type Subject } from '../../src/subject/subject.ts'
import { planIn, show } from './worlds.ts'

it.each<[string, Subject, string, string]>([
  [
    "the lease that Redis's clock ended is of who was told last that it holds",
    readWriteSubject(leasedReaders),
    'redis-lost-it',
    'L1.ATEATVs4LHsDM30sBTUsImxhdGVuY3kiOiI1MHVzLi4yHSIGY2xvY2stb2Zmc2V0ChoxDCsyNTQdB0QgYmVmb3JlIGFjcXVpcmUifV0sG31dDmxlYXNlZC1yZWFkZXJzAjEwCjEvNTExNTAvMzIBMAmhLg',
  ],
  [
    'a client that is stopped as it asks has asked when it goes on',
    readWriteSubject(leasedReaders),
    'lease-ended',
    'L1.ATEAmQFbOCx7AzEsIndvcmsiOiI0MB0ifSwidHRsIjoiNBwiLCJsYXRlbmN5IjoiNTB1cy4uNB0iBmNyYXNoCkIHQyBiZWZvcmUgd3JpdGUgMgkUCkMLNDEyHQcxNTQ5HQkTCkELNDU2HQdBIGJlZm9yZSBhY3F1aXJlCWNyYXNoCkEHMTEzOR0JFApCCzEwMDQdB0ISMiJ9XSwbfV0ObGVhc2VkLXJlYWRlcnMCMTAKMS80ODY2MDAvNAEw5Kxt',
  ],
  [
    'a clock that moved ahead and a partition together end a claim that either would have left',
    queueSubject(leasedList),
    'claim-ended',
    'L1.ATEAhgJbNix7Indvcmtsb2FkIjp7ImpvYnMiOjMsIndvcmsiOiIxODAdIn0sImxhdGVuY3kiOiI1MHVzLi41HSIsInNldHRsZSI6IjMwcyIGY2xvY2stcmF0ZQoaMSIsInBwbSI6NTAwfRAyNDUdCRMKQQsyMzQdB0MSMQljbG9jay1vZmZzZXQKGjEMKzUwHQc2MTkdCRMKQgsyMDgdBzM3OB0JGSI6eyJncm91cHMiOltbIkEiXSxbIhoxIl1dLCJmb3IiOiIyNTIdB0IgYmVmb3JlIHB1dAkZIjp7Imdyb3VwcyI6W1siQiIsIkMiXSxbIhoxIl1dLCJmb3IiOiIyNDQdBzY4Nh0IC2xlYXNlZC1saXN0AjEwCjEvMjIxNTUwLzkBMHHIkg',
  ],
  [
    'so do a partition that holds up the reply that gave the claim, and a message that is late',
    queueSubject(leasedList),
    'claim-ended',
    'L1.ATEA1AFbNix7Indvcmtsb2FkIjp7ImpvYnMiOjEsIndvcmsiOiIxODAdIn0sBTUsInNldHRsZSI6IjMwcyIGGSI6eyJncm91cHMiOltbIkQiLCJFIl0sWyIaMSJdXSwiZm9yIjoiNDIdB0EgYmVmb3JlIHB1dAkZIjp7Imdyb3VwcyI6W1siQiIsIkQiXSxbIhoxIl1dLCJmb3IiOiIzMzgdBzMzMR0JFApFCzE2NB0HRCBiZWZvcmUgcnVuCRQKQwsyOTYdB0ERMTUJY3Jhc2gKQQdEEjIyCAtsZWFzZWQtbGlzdAIxMAsxLzk3NjEwMC8yOAEw-eaL',
  ],
  [
    'so do a message that is lost with its connection, and a pause of a third of a lease',
    queueSubject(leasedList),
    'claim-ended',
    'L1.ATEAzgFbNix7Indvcmtsb2FkIjp7IndvcmsiOiIzNjAdIn0sBTUsInR0bCI6IjQcIiwic2V0dGxlIjoiNjBzIgYZIjp7Imdyb3VwcyI6W1siQSIsIkIiLCJEIiwiRSJdLFsiGjEiXV0sImZvciI6IjEwNjAdBzE1MzkdCRkiOnsiZ3JvdXBzIjpbWyJBIiwiQiJdLFsiGjEiXV0sImZvciI6IjU5Mh0HQxIxMgkTCkQLMzYdBzY3NR0JEwpECzI2OB0HRRIxMQlyZXNldApEBzUcCAtsZWFzZWQtbGlzdAIxMAsxLzYxOTEwMC80OQEwwPIA',
  ],
])('%s', async (_, subject, cause, token) => {
  const { violations } = await show(subject, planIn(token))
  expect(violations.map((violation) => [violation.kind, violation.cause.kind])).toContainEqual(['limit', cause])
  expect(violations.filter(({ kind }) => kind === 'bug')).toEqual([])
})

it('a permit is looked for until its lease has ended by a clock that was set back', async () => {
  const token =
    'L1.ATEAjQEBAzN9LAUyLCJsYXRlbmN5IjoiNTB1cy4uNR0iBmNyYXNoCkEHQhIzCRUKQQsyNDYdB0ISMTAJFwoaMQwtNTgwHQdCIGFmdGVyIHJlbGVhc2UgMgkXChoxDC0zNzQdB0IgYmVmb3JlIHJlbGVhc2UgMwkXCkIMLTIyMh0HMzI1HQljcmFzaApCB0ESMwgQbGVhc2VkLXNlbWFwaG9yZQIxMAsxLzYxMTk1MC8yNgEwhc9P'
  const { violations, history } = await show(lockSubject(leasedSemaphore), planIn(token))
  expect(violations.filter(({ kind }) => kind === 'bug')).toEqual([])
  expect(history.operations.findLast(({ op }) => op === 'probe')?.outcome).toBe('ok')
})
