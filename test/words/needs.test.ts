/** What a limit is said to need, and what is advised, where the kind of the cause alone does not tell. */
import { expect, it } from 'vitest'
import type { Cause } from '../../src/check/cause.ts'
import type { Told } from '../../src/check/told.ts'
import type { PropertyName } from '../../src/check/verdict.ts'
import { adviceOf } from '../../src/words/advice.ts'
import { needsOf } from '../../src/words/needs.ts'

const cause: Cause = {
  kind: 'redis-lost-it',
  client: 'A',
  ends: [{ node: 'redis-1', how: 'clock ahead', livedUs: 27_600, ttlUs: 2_000_000 }],
  votes: null,
}
const both: Told = { kind: 'both-held', earlier: 'A', later: 'B', forUs: 1_000, statement: null }
const noOrder: Told = { kind: 'not-one-after-the-other' }
const changeLost: Told = { kind: 'change-lost', client: 'A', op: 'add', item: 'a1' }
const increment: Told = { kind: 'increment-lost' }

it.each<[string, PropertyName, Told, RegExp, RegExp | null]>([
  ['a lock', 'mutual-exclusion', both, /^Needs fencing/, /grows with each grant/],
  ['a counter under a lock', 'linearizability', increment, /^Needs fencing/, /grows with each grant/],
  // No client holds a session: there is no grant to number.
  ['a session', 'session-lost-update', changeLost, /^Redis's clock jumped/, null],
  ['what requests saw of one', 'linearizability', noOrder, /^Redis's clock jumped/, null],
])("of %s that Redis's clock ended", (_, property, told, needs, advice) => {
  const violation = { kind: 'limit', property, told, cause } as const
  expect(needsOf(violation)).toMatch(needs)
  if (advice === null) expect(adviceOf(violation)).toBeNull()
  else expect(adviceOf(violation)).toMatch(advice)
})
