// The types of its matchers are those of Vitest 4.1; of Vitest 5 with 'lockstorm/vitest'. The code is the same.
import { test } from 'lockstorm/vitest-4'
import { expect } from 'vitest'
import { Lock } from './lock.js'

test.storm('the lock survives every storm of one fault', Lock, { faults: 1, allow: 'limit' })

test('and every order of messages without any', async () => {
  await expect(Lock).toSurvive({ faults: 0 })
}, 60_000)
