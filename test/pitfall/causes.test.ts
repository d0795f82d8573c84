/** What a finding is an example of; that each pitfall has the cause which is written down is tested where its run is done. */
import { describe, expect, it } from 'vitest'
import { pitfallsLike } from '../../src/pitfall/causes.ts'
import { label } from '../../src/pitfall/registry.ts'

const cause = { kind: 'token-not-compared', how: 'deleted' } as const

describe('the pitfalls of a finding', () => {
  it('are those of the same property, kind and cause, whose faults its storm has', () => {
    const finding = { property: 'foreign-release', kind: 'bug', cause } as unknown as Parameters<typeof pitfallsLike>[0]
    const paused = pitfallsLike(finding, ['pause'])
    expect(paused.length).toBeGreaterThan(0)
    for (const { property, faults } of paused) {
      expect(property).toBe('foreign-release')
      expect(['pause']).toEqual(expect.arrayContaining([...faults]))
    }
    expect(paused.map(label)).not.toEqual(pitfallsLike(finding, ['slow-work']).map(label))
  })

  it('are none where no pitfall is broken in that way', () => {
    const finding = { property: 'crash', kind: 'limit', cause } as unknown as Parameters<typeof pitfallsLike>[0]
    expect(pitfallsLike(finding, [])).toEqual([])
  })

  it('are those of a release that does not compare, and none of other programs, where a client deleted the key of another one', () => {
    const taken = { kind: 'taken-away', client: 'A', by: 'C', how: 'deleted', votes: null } as const
    const like = (by: string, faults: readonly string[]) =>
      pitfallsLike({ property: 'mutual-exclusion', kind: 'bug', cause: { ...taken, by } }, faults).map(label)
    expect(like('C', [])).toEqual(['P04'])
    expect(like('C', ['delay-request'])).toEqual(['P04', 'P05', 'P07'])
    expect(like('C', ['pause'])).toEqual(['P06'])
    // Its own command, which is something else.
    expect(like('A', [])).toEqual(['P19'])
  })
})
