/** Scenarios chosen by their tags: bundled ones, files, and words that are wrong. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseScenario } from '../../src/scenario/load.ts'
import { loadScenarios } from '../../src/scenario/node/find-scenarios.ts'
import { tagged } from '../../src/scenario/tagged.ts'
import { build, lockstorm } from '../cli/binary.ts'

const output = mkdtempSync(path.join(tmpdir(), 'lockstorm-tags-'))
beforeAll(build, 60_000)
afterAll(() => rmSync(output, { recursive: true, force: true }))

const bundled = loadScenarios([])
const names = (...words: readonly string[]) => tagged(bundled, words).map(({ name }) => name)

/** The first tag of a scenario says what is under test. */
const SUBJECTS = ['lock', 'session', 'queue', 'semaphore', 'leader', 'read-write']

describe('tags', () => {
  it('choose: one of those without a mark, and none of those behind one', () => {
    expect(names()).toEqual(bundled.map(({ name }) => name))
    expect(names('queue')).toEqual(['worker-dies-with-a-job', 'worker-pauses-with-a-job'])
    expect(names('queue', '!pause')).toEqual(['worker-dies-with-a-job'])
    expect(new Set(names('queue', 'session'))).toEqual(new Set([...names('queue'), ...names('session')]))
    const others = SUBJECTS.filter((subject) => subject !== 'lock')
    expect(names('!lock').sort()).toEqual(others.flatMap((subject) => names(subject)).sort())
  })

  it('of bundled scenarios say what is under test and what goes wrong', () => {
    for (const { name, tags, plan } of [...bundled, ...loadScenarios(['articles'])]) {
      expect(SUBJECTS, name).toContain(tags[0])
      expect(tags.includes('no-fault'), name).toBe(plan('', 'direct').faults.length === 0)
      expect(new Set(tags).size, name).toBe(tags.length)
    }
  })

  it.each([
    [['sesion'], '--tag: none of these scenarios has the tag "sesion" (did you mean "session"?)'],
    [['!clokc'], '--tag: none of these scenarios has the tag "clokc" (did you mean "clock"?)'],
    [['session', '!session'], '--tag: no scenario is left: each that is session is session, too'],
  ])('%j is refused', (words, message) => {
    expect(() => names(...words)).toThrow(message)
  })

  it('of a file are words', () => {
    const yaml = (tags: string) => `title: t\nstory: s\ntags: ${tags}\nworkload: { counter: {} }\n`
    expect(parseScenario(yaml('[nightly, slow-ones]'), 'mine.yaml').tags).toEqual(['nightly', 'slow-ones'])
    expect(() => parseScenario(yaml('["!slow"]'), 'mine.yaml')).toThrow(
      'mine.yaml:3:8 tags.0: expected a tag of letters, digits, "-" and "_", got "!slow"',
    )
  })

  it('of the command line: a misspelt one is exit code 64', () => {
    const { code, stdout, stderr } = lockstorm(['run', '--tag', 'sesion'])
    expect([code, stdout]).toEqual([64, ''])
    expect(stderr).toContain('did you mean "session"?')
    const json = JSON.parse(lockstorm(['run', '--tag', 'queue,!pause', '--json', '--output', output]).stdout)
    expect(new Set(json.cells.map(({ scenario }: { scenario: string }) => scenario))).toEqual(
      new Set(['worker-dies-with-a-job']),
    )
  })
})
