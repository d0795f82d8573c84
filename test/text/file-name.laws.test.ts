/** File names from names of users: what holds for all of them. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { safeFileName } from '../../src/text/file-name.ts'
import { HOSTILE_LOCK } from '../report/stories.ts'

const NASTY = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: fc.constantFrom('.', '/', '\\', 'a', 'A', '-', ':', '\u0000', '~', ' '), maxLength: 20 }),
  fc.constantFrom('con', 'CON.ndjson', 'lpt1.ndjson', '..', '.', '', '.hidden', 'a'.repeat(300), '-rf', '%2e%2e%2f'),
)

describe('a safe file name', () => {
  it('leaves plain names alone', () => {
    expect(safeFileName('gc-pause.set-nx-lua.ndjson')).toBe('gc-pause.set-nx-lua.ndjson')
  })

  it('keeps what it can of other names', () => {
    expect(safeFileName(`contention.${HOSTILE_LOCK}.ndjson`)).toMatch(
      /^contention-script-alert-1-script-[0-9a-f]{8}\.ndjson$/,
    )
    expect(safeFileName('gc-pause.../../etc/passwd.ndjson')).toMatch(/^gc-pause-etc-passwd-[0-9a-f]{8}\.ndjson$/)
  })

  it('is one plain name that stays in its directory, on any system', () => {
    fc.assert(
      fc.property(NASTY, (name) => {
        const safe = safeFileName(name)
        expect(safe).toMatch(/^[a-z0-9_][a-z0-9_.-]*[a-z0-9_-]$|^[a-z0-9_]$/)
        expect(safe.length).toBeLessThanOrEqual(121)
        expect(safe).not.toMatch(/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i)
      }),
    )
  })

  it('changes nothing the second time', () => {
    fc.assert(fc.property(NASTY, (name) => safeFileName(safeFileName(name)) === safeFileName(name)))
  })

  it('keeps different names different, also where case does not count', () => {
    fc.assert(
      fc.property(NASTY, NASTY, (a, b) => a === b || safeFileName(a) !== safeFileName(b)),
      {
        examples: [
          ['Lock.ndjson', 'lock.ndjson'],
          ['a/b', 'a\\b'],
          ['a b', 'a-b'],
        ],
      },
    )
  })
})
