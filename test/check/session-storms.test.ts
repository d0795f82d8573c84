/** Storms that showed a bug of the session store to copy and are none: found by random hunts, made small. */
import { expect, it } from 'vitest'
import type { History } from '../../src/history/history.ts'
import type { Operation } from '../../src/history/operation.ts'
import { versioned } from '../../src/session/versioned.ts'
import { sessionSubject } from '../../src/subject/subject.ts'
import { planIn, show } from './worlds.ts'

const of = ({ operations }: History, op: string, outcome: Operation['outcome']): readonly Operation[] =>
  operations.filter((operation) => operation.op === op && operation.outcome === outcome)
const hasExpired = ({ grants }: History): boolean => grants.some(({ endedBy }) => endedBy === 'expired')
const loggedInTwice = (history: History): boolean => of(history, 'login', 'ok').length === 2

it.each<[string, (history: History) => boolean, string]>([
  [
    'a session that nobody used ends by itself, and its user logs in once more',
    (history) => hasExpired(history) && loggedInTwice(history),
    'L1.ATEAmQECIndvcmtsb2FkIjp7IndvcmsiOiIxHCJ9LAU0BhkiOnsiZ3JvdXBzIjpbWyJBIiwiQiIsIkQiXSxbIhoxIl1dLCJmb3IiOiIxODYwHQcyNTk1HQkYCkENMTk4MB0OEEQRMTQJGSI6eyJncm91cHMiOltbIkQiXSxbIhoxIl1dLCJmb3IiOiIzNRwHQiBhZnRlciBhZGQgMggJdmVyc2lvbmVkAjEwCTcvMTMwMC8zMwEwP2Mb',
  ],
  [
    'a client ends in its logout, which has its effect, and logs out again when the session has ended',
    (history) => of(history, 'logout', 'pending').length === 1 && of(history, 'logout', 'ok').length === 1,
    'L1.ATEANAIid29ya2xvYWQiOnsid29yayI6IjIcIiwibG9nb3V0Ijp0cnVlfQYYCkMNNR0OEEIROAgJdmVyc2lvbmVkAjEwDDEwMDEvMTA1MC8xMgEw-i-R',
  ],
  [
    'a user logs in again after the logout',
    (history) => loggedInTwice(history) && of(history, 'logout', 'ok').length === 1,
    'L1.ATEAYAIEMSwid29yayI6IjQwHSIsImxvZ291dCI6dHJ1ZX0sBTQsInR0bCI6IjRzIgYYCkENNDI0MB0OEEQgYWZ0ZXIgbG9hZCAyCRQKQws4NzA0HQdEIGJlZm9yZSBsb2FkCAl2ZXJzaW9uZWQCMTALMTAwMS8xNTAvMzkBMNeFQw',
  ],
  [
    'a request looks while the user is logging in again',
    (history) => hasExpired(history) && loggedInTwice(history),
    'L1.ATEAdwIEMywid29yayI6IjIcIiwibG9nb3V0Ijp0cnVlfSwidHRsIjoiNHMiBhgKQQ04OTYdDhBCIGFmdGVyIGxvYWQJGSI6eyJncm91cHMiOltbIkEiLCJCIiwiQyJdLFsiGjEiXV0sImZvciI6IjQyODQdB0MRMTAICXZlcnNpb25lZAIxMAwxMDAyLzE1NTAvMjMBMMqWVg',
  ],
  [
    'nobody knows whether the login was one, and nothing that was acknowledged used the session',
    (history) =>
      hasExpired(history) && of(history, 'login', 'info').length === 1 && of(history, 'add', 'ok').length === 0,
    'L1.ATEAWgIEMSwid29yayI6IjE4HCJ9BmJsYWNrLWhvbGUiOnsiZnJvbSI6IhoxIiwidG8iOiJBCzcdB0ERMQloYWxmLW9wZW4KGjELMTk2HQ8QQyBhZnRlciBsb2FkCAl2ZXJzaW9uZWQCMTAMMTAwMy8xNDAwLzM0ATD16j4',
  ],
  [
    "a server's clock ends a session too early that nobody knows to have begun",
    (history) =>
      hasExpired(history) && of(history, 'login', 'info').length === 1 && of(history, 'add', 'ok').length === 1,
    'L1.ATEATgIid29ya2xvYWQiOnsid29yayI6IjgcIiwibG9nb3V0Ijp0cnVlfSwFMgZjbG9jay1vZmZzZXQKGjEMKzE3MjAdB0IRNQkWCkEHQRExCAl2ZXJzaW9uZWQCMTALMS81Mzg4NTAvMzUBMH_m4Q',
  ],
  [
    'a request that is under way when another one finds no session uses the next one',
    (history) => hasExpired(history) && of(history, 'add', 'info').length === 3 && loggedInTwice(history),
    'L1.ATEAPAIEMywid29yayI6IjIcIn0sBTQGaGFsZi1vcGVuChoxCzQyNDAdDxBEEjEwCRgKQQ0xNxwOEDIzNzYdCAl2ZXJzaW9uZWQCMTALMS80MjEzMDAvNDgBMFfdjg',
  ],
  [
    'a server is killed behind a black hole, and then its machine loses power: what nobody confirmed is sent again, and reset',
    (history) => of(history, 'add', 'info').length === 2,
    'L1.ATEAzgECBDEsIndvcmsiOiI0HCIsImxvZ291dCI6dHJ1ZX0sBTQsInR0bCI6IjRzIgZoYWxmLW9wZW4KGjELOTk2MB0PEDYxNDcdCRcKRAwrNDI0MB0HMTEyNDgdCWJsYWNrLWhvbGUiOnsiZnJvbSI6IhoxIiwidG8iOiJECzgyHAdEIGFmdGVyIGxvYWQJGAoaMQ04HA8QQRE3CRkiOnsiZ3JvdXBzIjpbWyJDIl0sWyIaMSJdXSwiZm9yIjoiNDg0MB0HRCBiZWZvcmUgYWRkCAl2ZXJzaW9uZWQCMTALMS80NzM0NTAvMzUBMKrkUg',
  ],
  [
    'a request that found the session before it ended is acknowledged when its user has logged in anew',
    (history) => hasExpired(history) && of(history, 'login', 'pending').length === 1,
    'L1.ATEA0wECBDMsIndvcmsiOiIxHCJ9LAU1BhkiOnsiZ3JvdXBzIjpbWyJBIiwiQiIsIkQiLCJFIl0sWyIaMSJdXSwiZm9yIjoiMjE4MB0HQyBiZWZvcmUgbG9hZAkZIjp7Imdyb3VwcyI6W1siQSIsIkIiLCJEIl0sWyIaMSJdXSwiZm9yIjoiMTE0MB0HRBEyMwkXCkEMKzM5MjAdBzM0MjEdCRgKGjENMTkcDxBFIGJlZm9yZSBhZGQJGApBDTE5ODAdDhBBEjEJFwpFDCsxMTIwHQdCETUICXZlcnNpb25lZAIxMAsxLzE3NDAwMC8yOAEwkNLi',
  ],
])('%s', async (_, isStillSo, token) => {
  const { violations, history } = await show(sessionSubject(versioned), planIn(token))
  // The storm is still the one that it was.
  expect(isStillSo(history)).toBe(true)
  expect(violations.filter(({ kind }) => kind === 'bug')).toEqual([])
})
