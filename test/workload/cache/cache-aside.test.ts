/** Cache-aside with a generation: no stale value, under the worst lock and whatever befalls a reader or the writer. */
import { describe, expect, it } from 'vitest'
import { naive } from '../../../src/lock/naive.ts'
import { setNxLua } from '../../../src/lock/set-nx-lua.ts'
import { lockSubject } from '../../../src/subject/subject.ts'
import { singleStorms } from '../../check/storms.ts'
import { cachePlan, fault, show } from '../../check/worlds.ts'

const READER = ['get', 'rebuild', 'fill', 'release'].flatMap((op) => [`A before ${op}`, `A after ${op}`])
const WRITER = ['update', 'write', 'invalidate'].flatMap((op) => [`D before ${op}`, `D after ${op}`])

/** The storms in which an old value was served. */
async function stale(client: 'direct' | 'ioredis', checkGeneration: boolean): Promise<string[]> {
  const found: string[] = []
  for (const [name, faults] of [...singleStorms('A', READER), ...singleStorms('D', WRITER)]) {
    const plan = cachePlan({ checkGeneration, reads: 4, writes: 2 }, { client, faults })
    for (const lock of [naive, setNxLua]) {
      const { status, kinds } = await show(lockSubject(lock), plan, client)
      expect(status).not.toBe('unknown')
      const isStale = kinds.some((kind) => kind.startsWith('stale-cache'))
      if (isStale) found.push(`${name}, ${lock.name}`)
    }
  }
  return found
}

describe('a fill that is fenced by a generation', () => {
  it.each(['direct', 'ioredis'] as const)('never serves a stale value (%s)', { timeout: 240_000 }, async (client) => {
    expect(await stale(client, true)).toEqual([])
  })

  it('where the plain one does, with any lock', { timeout: 240_000 }, async () => {
    const found = await stale('direct', false)
    expect(found.some((line) => line.endsWith('naive'))).toBe(true)
    expect(found.some((line) => line.endsWith('set-nx-lua'))).toBe(true)
  })

  it('holds when Redis forgets everything between the miss and the fill', async () => {
    const faults = [
      fault('pause', { process: 'A', for: '300ms' }, 'A before fill'),
      fault('restart', { process: 'redis-1', after: '1ms', 'keep-data': false }, 'D after update'),
    ]
    const plan = cachePlan({ checkGeneration: true }, { client: 'ioredis', faults, headStartUs: 5_000 })
    const { kinds, history } = await show(lockSubject(setNxLua), plan, 'ioredis')
    expect(kinds.filter((kind) => kind.startsWith('stale-cache'))).toEqual([])
    const late = history.operations.find(({ op, process }) => op === 'fill' && process === 'A')
    expect(late?.outcome).toBe('fail')
  })
})
