/** Storms over several nodes that showed a bug of the reference Redlock and are none: found by random hunts, made small. */
import { expect, it } from 'vitest'
import { redlockByTheBook } from '../../src/lock/redlock-by-the-book.ts'
import { lockSubject } from '../../src/subject/subject.ts'
import { planIn, show } from './worlds.ts'

it.each([
  [
    'a node whose clock runs ahead ends a vote before the lease says that it ends, and other votes end by themselves',
    'L1.ATEAvQEBAzMsIndvcmsiOiI5HCJ9LAUyLCJub2RlcyI6MywibGF0ZW5jeSI6IjEdLi4yNR0iBhMKQgsxMjkwHQdBEjUJYmxhY2staG9sZSI6eyJmcm9tIjoiQSIsInRvIjoiGjILNjUdB0EgYmVmb3JlIHJlbGVhc2UgMglyZXNldApBB0IRNAljbG9jay1vZmZzZXQKGjEMKzE5HQczNjA0HQkYCkENNh0OEEERMTIifV0sInR0bCI6bnVsbCwbfV0TcmVkbG9jay1ieS10aGUtYm9vawIxMAgxLzEyMDAvNgEwDHwn',
  ],
  [
    'a node whose clock runs ahead takes the first vote of an attempt before the last one is given',
    'L1.ATEAUAEid29ya2xvYWQiOnsid29yayI6IjEwHSJ9LCJub2RlcyI6MywibGF0ZW5jeSI6IjUwdXMuLjUdIgYXChoxDCsyMTAdB0ISMTUifV0sG31dE3JlZGxvY2stYnktdGhlLWJvb2sCMTAJMi84NTAwLzE3ATDBFB4',
  ],
  [
    'attempts that were held up arrive together, and an earlier one is taken back after the later one was asked for',
    'L1.ATEAlQEBAzEsIndvcmsiOiIxHCJ9LCJub2RlcyI6MywibGF0ZW5jeSI6IjUwdXMuLjUdIgZjbG9jay1vZmZzZXQKGjMMKzk1MB0HQhIxNwkZIjp7Imdyb3VwcyI6W1siQiIsIkMiXSxbIhoxIiwiGjIiLCIaMyJdXSwiZm9yIjoiODIwHQdCEjExIn1dLCJ0dGwiOm51bGx9XRNyZWRsb2NrLWJ5LXRoZS1ib29rAjEwCTQvMjY1MC80MQEwaZe8',
  ],
  [
    'a clock that is set back brings a vote to life again, which renews nothing',
    'L1.ATEAdQEDMSwid29yayI6IjEwHSJ9LCJub2RlcyI6MywibGF0ZW5jeSI6IjEdLi4yNR0iBmNsb2NrLW9mZnNldAoaMgwtODcdB0ESNgljbG9jay1vZmZzZXQKGjIMKzEwMDgdB0MRNyJ9XSwidHRsIjpudWxsLBt9XRNyZWRsb2NrLWJ5LXRoZS1ib29rAjEwCjEvMTMyMDAvMzYBMLjjOQ',
  ],
  [
    'the answer of one node is too late for the release, which says that nobody knows',
    'L1.ATEAOQEDMX0sBTQsIm5vZGVzIjozLCJsYXRlbmN5IjoiNTB1cy4uNR0iBnJlc2V0CkIHRBE0In1dLBt9XRNyZWRsb2NrLWJ5LXRoZS1ib29rAjEwCTEvOTEwMC8xOQEwBpz1',
  ],
  [
    'the command that takes votes back is held up, and sent again when a partition has healed',
    'L1.ATEAfAEFNCwibm9kZXMiOjMGFApECzE4OB0HQiBhZnRlciB3cml0ZSAyCRYKRAdDEjIyCRkiOnsiZ3JvdXBzIjpbWyJBIiwiRCJdLFsiGjEiLCIaMiIsIhozIl1dLCJmb3IiOiIyMDQdB0IgYWZ0ZXIgcmVsZWFzZSJ9XSwbfV0TcmVkbG9jay1ieS10aGUtYm9vawIxMAoxLzIxMTMwMC8zATCwNEk',
  ],
  [
    'the command that takes votes back waits for the end of a partition, and is lost with its connection meanwhile',
    'L1.ATEAvgEBIndvcmtsb2FkIjp7IndvcmsiOiIxMB0ifSwibm9kZXMiOjMsImxhdGVuY3kiOiIxHS4uNR0iBhkiOnsiZ3JvdXBzIjpbWyJDIl0sWyIaMSIsIhoyIiwiGjMiXV0sImZvciI6IjE1NB0HQhI5CXJlc2V0CkMHQRIyMglyZXNldApDBzU0Mx0JGSI6eyJncm91cHMiOltbIkMiXSxbIhoxIiwiGjIiLCIaMyJdXSwiZm9yIjoiMzAdBzc5OR0IE3JlZGxvY2stYnktdGhlLWJvb2sCMTALMS83Nzc5MDAvMTkBMOw5vg',
  ],
  [
    'the command that takes votes back is lost with the connection on which a reply is lost',
    'L1.ATEAhQEBAzMsIndvcmsiOiI4MB0ifSwFMiwibm9kZXMiOjMGY2xvY2stb2Zmc2V0CkIMKzI1MB0HMTY3HQkWCkIHQRIyMgkZIjp7Imdyb3VwcyI6W1siQSIsIkIiXSxbIhoxIiwiGjIiLCIaMyJdXSwiZm9yIjoiMzQyHQdBETQJFgpCB0ISMTkIE3JlZGxvY2stYnktdGhlLWJvb2sCMTAKMS83NzAwMC8yNgEwUV2R',
  ],
])('%s', async (_, token) => {
  const { violations, history } = await show(lockSubject(redlockByTheBook), planIn(token))
  // The storm is still the one that it was: its fault struck, and the lock was used.
  expect(history.lanes.faults.length).toBeGreaterThan(0)
  expect(history.holds.length).toBeGreaterThan(2)
  expect(violations.filter(({ kind }) => kind === 'bug')).toEqual([])
})
