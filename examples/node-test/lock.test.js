import { test } from 'node:test'
import { assertValid, hunt } from 'lockstorm'

test('the lock survives every storm of one fault', { timeout: 60_000 }, async () => {
  assertValid(await hunt('./lock.js', { faults: 1, allow: 'limit' }))
})
