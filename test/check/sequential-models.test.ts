/** A register with compare-and-set, step by step: what each answer says of what was in it. */
import { describe, expect, it } from 'vitest'
import { type RegisterState, register, UNBOUND } from '../../src/check/sequential-models.ts'

const bound = register(null)
const read = (value: string | null) => ({ op: 'read', value }) as const
const cas = (from: string | null, to: string | null, isDone: boolean | null) =>
  ({ op: 'cas', from, to, isDone }) as const

describe('a register with compare-and-set', () => {
  it('reads what is in it', () => {
    expect(bound.step('1', read('1'))).toBe('1')
    expect(bound.step('1', read('2'))).toBeUndefined()
    expect(bound.step(null, read(null))).toBeNull()
  })

  it('is changed where it is what was expected, and says so', () => {
    expect(bound.step('1', cas('1', '2', true))).toBe('2')
    expect(bound.step('1', cas('1', '2', null))).toBe('2')
    expect(bound.step('1', cas('1', '2', false))).toBeUndefined()
  })

  it('stays where it is not what was expected, and says so', () => {
    expect(bound.step('0', cas('1', '2', false))).toBe('0')
    expect(bound.step('0', cas('1', '2', null))).toBe('0')
    expect(bound.step('0', cas('1', '2', true))).toBeUndefined()
  })

  it('of which nothing is known holds whatever the first answer says', () => {
    const unbound = register(UNBOUND)
    expect(unbound.step(UNBOUND, read('7'))).toBe('7')
    expect(unbound.step(UNBOUND, cas('1', '2', true))).toBe('2')
    expect(unbound.step(UNBOUND, cas('1', '2', null))).toBe('2')
    expect(unbound.step(UNBOUND, cas('1', '2', false))).toBe(UNBOUND)
  })

  it('has a key of its own for each state', () => {
    const states: readonly RegisterState[] = [null, UNBOUND, '', 'null', '?', '1']
    expect(new Set(states.map(bound.key)).size).toBe(states.length)
  })

  it('is not changed by a read, nor by what says that it changed nothing; where nothing is known these tell something', () => {
    const queries = [read('1'), cas('1', '2', false)]
    const changes = [{ op: 'write', value: '1' } as const, cas('1', '2', true), cas('1', '2', null)]
    expect(queries.map((input) => bound.isQuery?.(input))).toEqual([true, true])
    expect(changes.map((input) => bound.isQuery?.(input))).toEqual([false, false, false])
    expect([...queries, ...changes].some((input) => register(UNBOUND).isQuery?.(input))).toBe(false)
  })
})
