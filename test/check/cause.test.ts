/** What makes two violations of a property one finding, and what tells them apart. */
import { describe, expect, it } from 'vitest'
import { type Cause, causeKey } from '../../src/check/cause.ts'

const isOne = (one: Cause, other: Cause): boolean => causeKey(one) === causeKey(other)

describe('the key of a cause', () => {
  it('is one for all names and figures', () => {
    const taken = { kind: 'taken-away', client: 'A', by: 'B', how: 'deleted', votes: null } as const
    expect(isOne(taken, { ...taken, client: 'C', votes: { had: 1, of: 3 } })).toBe(true)
    const late = { kind: 'granted-too-late', client: 'A', lateUs: 1, isQuorum: false } as const
    expect(isOne(late, { ...late, client: 'B', lateUs: 2 })).toBe(true)
  })

  it('tells apart who took a key away from its holder, and how', () => {
    const taken = { kind: 'taken-away', client: 'A', by: 'B', how: 'deleted', votes: null } as const
    expect(causeKey({ ...taken, by: 'A' })).toBe('taken-away deleted by itself')
    expect(causeKey(taken)).toBe('taken-away deleted')
    expect(causeKey({ ...taken, how: 'overwritten' })).toBe('taken-away overwritten')
  })

  it('tells apart what ended, what was there, what was asked, and who was at it', () => {
    expect(causeKey({ kind: 'no-expiry', owner: 'A', hasEnded: false })).toBe('no-expiry')
    expect(causeKey({ kind: 'no-expiry', owner: 'A', hasEnded: true })).toBe('no-expiry after its end')
    expect(causeKey({ kind: 'stored-after-logout', writer: null })).toBe('stored-after-logout')
    expect(causeKey({ kind: 'stored-after-logout', writer: 'B' })).toBe('stored-after-logout by a request')
    expect(causeKey({ kind: 'job-gone', worker: null })).toBe('job-gone')
    expect(causeKey({ kind: 'job-gone', worker: 'B' })).toBe('job-gone with its worker')
    expect(causeKey({ kind: 'never-settled', isEveryCall: false })).toBe('never-settled')
    expect(causeKey({ kind: 'never-settled', isEveryCall: true })).toBe('never-settled at all')
  })

  it('is that of several reasons in one order, each once', () => {
    const [kept, misread] = [{ kind: 'votes-not-taken-back' }, { kind: 'attempt-misread' }] as const
    const both = { kind: 'votes-kept', reasons: [kept, misread] } as const
    expect(isOne(both, { kind: 'votes-kept', reasons: [misread, kept, misread] })).toBe(true)
    expect(isOne(both, { kind: 'votes-kept', reasons: [kept] })).toBe(false)
  })
})
