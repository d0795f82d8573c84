/** What the words of `lockstorm replay` name. */
import { expect, it } from 'vitest'
import { replayWords } from '../../src/engine/replay-words.ts'

it('takes a token for one, though it is longer than the name of a file can be', () => {
  const token = `L1.${'A'.repeat(5_000)}`
  expect(replayWords([token])).toEqual({ replays: [token], scenarioFiles: [], areMany: false })
})
