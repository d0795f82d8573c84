import { it } from 'vitest'
import { memoryProvider } from '../../src/world/node/environment.ts'
import { label, SHOWN } from './catalogue.ts'
import { outcomeOf } from './running.ts'

it('tries', async () => {
  const provider = memoryProvider()
  const only = process.env.ONLY === "" ? undefined : process.env.ONLY?.split(',')
  for (const pitfall of SHOWN) {
    if (only && !only.includes(String(pitfall.number))) continue
    try {
      const shown = await outcomeOf(pitfall.shows, provider)
      const cured = await outcomeOf(pitfall.cure, provider)
      const want = `${pitfall.property}: ${pitfall.kind}`
      const hits = shown.found.filter((f) => f.includes(want)).length
      const ok = hits === shown.found.length && cured.statuses.every((s) => s === 'valid')
      console.log(
        `${ok ? 'OK ' : 'BAD'} ${label(pitfall)} ${pitfall.shows.subject} want ${want} ${hits}/${shown.found.length} ${[...new Set(shown.found.map((f) => f.join(', ')))].join(' | ')} || cure ${pitfall.cure.subject}: ${cured.statuses} ${[...new Set(cured.found.map((f) => f.join(', ')))].join(' | ')}`,
      )
      if (process.env.V) {
        for (const v of shown.violations.slice(0, 6)) console.log('   ', v.sentence, '/', v.why)
        for (const v of cured.violations.slice(0, 4)) console.log('    CURE', v.sentence, '/', v.why)
      }
    } catch (e) {
      console.log(`ERR ${label(pitfall)} ${(e as Error).message}`)
    }
  }
})
