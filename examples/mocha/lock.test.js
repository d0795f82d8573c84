import { assertValid, hunt } from 'lockstorm'

describe('the lock', () => {
  it('survives every storm of one fault', async () => {
    assertValid(await hunt('./lock.js', { faults: 1, allow: 'limit' }))
  }).timeout(60_000)
})
