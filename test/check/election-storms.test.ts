/** Storms that showed a bug of the election to copy and are none: found by random hunts, made small. */
import { expect, it } from 'vitest'
import { termLease } from '../../src/leader/term-lease.ts'
import { leaderSubject } from '../../src/subject/subject.ts'
import { planIn, show } from './worlds.ts'

it.each([
  [
    'a pause that comes in the middle of another one begins where that ends',
    'L1.ATEAT1s3LHsid29ya2xvYWQiOnsid29yayI6IjgwHSJ9LCJzZXR0bGUiOiIzMHMiBhMKQwsxNzYdBzMwMR0JEwpDCzE1Mh0HMzQ0HSJ9XSwbfV0KdGVybS1sZWFzZQIxMAsxLzMyMDIwMC8yNgEwdcBy',
  ],
  [
    'also when the one that is elected meanwhile pauses, too',
    'L1.ATEAcFs3LHsid29ya2xvYWQiOnsidGVyHSI6M30sBTUsImxhdGVuY3kiOiI1MHVzLi41HSIsInNldHRsZSI6IjMwcyIGEwpBCzU4MB0HMjEwHQkTCkULNTM2HQdFETUJEwpBCzIwNh0HMTU5HSJ9XSwbfV0KdGVybS1sZWFzZQIxMAsxLzcwNzY1MC8yOQEw3eRJ',
  ],
  [
    'also three of them',
    'L1.ATEAygFbNyx7Indvcmtsb2FkIjp7InRlch0iOjMsIndvcmsiOiIxNjAdIn0sBTIsInR0bCI6IjQcIiwibGF0ZW5jeSI6IjEdLi4zMB0iLCJzZXR0bGUiOiI2MHMiBhMKQQs0NTYdB0ERMTMJEwpBCzQyOB0HMTY3HQkTCkILMTA4OB0HQiBiZWZvcmUgbGVhZCAzCRMKQgsxMTg0HQdBIGFmdGVyIHJlc2lnbiAzCRMKQgsxMDU2HQdCIGJlZm9yZSBsZWFkIDMifV0sG31dCnRlcm0tbGVhc2UCMTAKMS8zODg5MDAvOQEwVa85',
  ],
])('%s', async (_, token) => {
  const { violations } = await show(leaderSubject(termLease), planIn(token))
  expect(violations.map(({ kind, cause }) => [kind, cause.kind])).toContainEqual(['limit', 'lease-ended'])
  expect(violations.filter(({ kind }) => kind === 'bug')).toEqual([])
})
