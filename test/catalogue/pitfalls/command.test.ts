/**
 * The commands on the page do what the page says: one with built-in subjects, one with a model, one with another client, one
 * with a session store.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commandOf } from '../../../catalogue/pitfalls/running.ts'
import { label, SHOWN } from '../../../src/pitfall/registry.ts'
import { build, lockstorm } from '../../cli/binary.ts'

const output = mkdtempSync(path.join(os.tmpdir(), 'lockstorm-pitfalls-'))
beforeAll(build)
afterAll(() => rmSync(output, { recursive: true }))

describe('the command of a pitfall', () => {
  it.each(['P04', 'P06', 'P13', 'P28', 'P46', 'P85', 'P90', 'P103'])('%s finds it, and nothing in its cure', (name) => {
    const pitfall = SHOWN.find((candidate) => label(candidate) === name)
    if (pitfall === undefined) throw new Error(`${name} is not shown`)
    const args = commandOf(pitfall.shows, pitfall.cure).split(' ').slice(1)
    const { stdout, stderr } = lockstorm([...args, '--json', '--output', output])
    expect(stdout, stderr).not.toBe('')
    const report = JSON.parse(stdout) as {
      readonly cells: readonly {
        readonly lock: string
        readonly verdict: string
        readonly violations: readonly { readonly property: string; readonly kind: string }[]
      }[]
    }
    const cell = (lock: string) => report.cells.find((candidate) => candidate.lock === lock)
    expect(cell(pitfall.shows.subject)?.violations).toContainEqual(
      expect.objectContaining({ property: pitfall.property, kind: pitfall.kind }),
    )
    expect(cell(pitfall.cure.subject)?.verdict).toBe('valid')
  })
})
