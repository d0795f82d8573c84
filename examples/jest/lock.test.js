import { assertValid, hunt } from 'lockstorm'

test('the lock survives every storm of one fault', async () => {
  assertValid(await hunt('./lock.js', { faults: 1, allow: 'limit' }))
}, 60_000)
