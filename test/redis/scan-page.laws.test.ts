/** The guarantees of SCAN (https://redis.io/docs/latest/commands/scan/#scan-guarantees), whatever changes between two calls. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { scanPage } from '../../src/redis/scan-page.ts'

const name = fc.string({ maxLength: 3 })

test('what is there from the first call to the last is handed out exactly once', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(name, { maxLength: 60 }),
      fc.array(fc.record({ isAdded: fc.boolean(), name })),
      fc.integer({ min: 1, max: 12 }),
      (staying, changes, count) => {
        const present = new Set(staying)
        const seen: string[] = []
        let cursor = 0
        let calls = 0
        do {
          const page = scanPage(present, cursor, count)
          for (const found of page.names) expect(present).toContain(found)
          seen.push(...page.names)
          cursor = page.cursor
          const change = changes[calls++]
          if (change?.isAdded) present.add(change.name)
          else if (change !== undefined && !staying.includes(change.name)) present.delete(change.name)
        } while (cursor !== 0)
        expect(seen.filter((found) => staying.includes(found)).toSorted()).toEqual(staying.toSorted())
        // Every call but the last hands out at least what was asked for, so the iteration ends.
        expect(calls).toBeLessThanOrEqual((staying.length + changes.length) / count + 1)
      },
    ),
  )
})

test('names whose hashes collide are never parted', () => {
  // Both have the FNV-1a hash 0x5e4daa9d: a cursor between them would lose or repeat one.
  const collision = ['costarring', 'liquid']
  for (const count of [1, 2]) {
    const page = scanPage(collision, 0, count)
    expect(page.names.toSorted()).toEqual(collision)
    expect(page.cursor).toBe(0)
  }
})
