/** Scenarios by name, by file, by folder. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BUILT_IN } from '../../src/scenario/load.ts'
import { loadScenarios, readScenario } from '../../src/scenario/node/find-scenarios.ts'
import { UsageError } from '../../src/sim/usage-error.ts'

const TEXT = 'title: t\nstory: s\nworkload: { counter: {} }\nexpect: {}\n'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-find-'))
  for (const name of ['gc-pause', 'lost-reply', 'clock']) writeFileSync(path.join(folder, `${name}.yaml`), TEXT)
  writeFileSync(path.join(folder, 'notes.txt'), 'not a scenario')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const find = (...words: string[]) => loadScenarios(words, BUILT_IN, folder).map(({ name }) => name)

function complaint(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError)
    return (error as UsageError).message.replaceAll(`${folder}${path.sep}`, '').replaceAll(folder, '<folder>')
  }
  throw new Error('nothing was thrown')
}

describe('words that mean scenarios', () => {
  it('none: all bundled ones, in the order of their names', () => {
    expect(find()).toEqual(['clock', 'gc-pause', 'lost-reply'])
  })

  it('globs over names and over files', () => {
    expect(find('*-{pause,reply}')).toEqual(['gc-pause', 'lost-reply'])
    expect(find('c*', 'clock')).toEqual(['clock'])
    expect(find(path.join(folder, '**/*.yaml'))).toEqual(['clock', 'gc-pause', 'lost-reply'])
    expect(complaint(() => find('x*'))).toBe('scenario: no scenario matches "x*"\n  fix: lockstorm list scenarios')
  })

  it('names, in the order they were given', () => {
    expect(find('lost-reply', 'clock')).toEqual(['lost-reply', 'clock'])
  })

  it('files and folders, each file once', () => {
    expect(find('clock', path.join(folder, 'clock.yaml'))).toEqual(['clock'])
    expect(find(folder)).toEqual(['clock', 'gc-pause', 'lost-reply'])
  })
})

describe('words that mean nothing', () => {
  it('a misspelt name gets the nearest one', () => {
    expect(complaint(() => find('gc-puase'))).toBe(
      'scenario: unknown scenario "gc-puase" (did you mean "gc-pause"?)\n  fix: lockstorm list scenarios; a file of your own is named with its .yaml',
    )
    expect(complaint(() => find('zzz'))).toContain('(there is clock, gc-pause, lost-reply)')
  })

  it('a file of code, which is hunted', () => {
    expect(complaint(() => find('lock.ts'))).toBe(
      'lock.ts: it is code, and no scenario\n  fix: lockstorm hunt lock.ts looks for what breaks it; run --lock lock.ts adds it to the scenarios',
    )
  })

  it('a file that is not there', () => {
    expect(complaint(() => find('no/such.yaml'))).toContain(
      'no/such.yaml: there is no such file\n  fix: it is looked for from ',
    )
  })

  it('a file that is no text', () => {
    const file = path.join(folder, 'binary.yaml.bin')
    writeFileSync(file, new Uint8Array([0xff, 0xfe, 0x00]))
    expect(complaint(() => readScenario(file))).toBe(
      'binary.yaml.bin: expected text in UTF-8\n  fix: save the file as UTF-8',
    )
  })

  it('a file that is too large is not read', () => {
    const file = path.join(folder, 'large.yaml.big')
    writeFileSync(file, 'x'.repeat(1_000_001))
    expect(complaint(() => readScenario(file))).toBe('large.yaml.big: expected at most 1000000 bytes, got 1000001')
  })

  it('the mistakes of several files are told together', () => {
    const other = mkdtempSync(path.join(tmpdir(), 'lockstorm-broken-'))
    try {
      writeFileSync(path.join(other, 'a.yaml'), 'title: 1\nstory: s\nworkload: { counter: {} }\nexpect: {}\n')
      writeFileSync(path.join(other, 'b.yaml'), '')
      const message = complaint(() => loadScenarios([other], BUILT_IN, folder)).replaceAll(`${other}${path.sep}`, '')
      expect(message).toBe(
        'a.yaml:1:8 title: expected a title in one line, got 1\nb.yaml:1:1: the file is empty\n  fix: a scenario has at least a title, a story and a workload',
      )
    } finally {
      rmSync(other, { recursive: true, force: true })
    }
  })

  it('two files of one name', () => {
    const other = mkdtempSync(path.join(tmpdir(), 'lockstorm-twin-'))
    try {
      writeFileSync(path.join(other, 'clock.yaml'), TEXT)
      expect(complaint(() => loadScenarios(['clock', other], BUILT_IN, folder))).toContain(
        'clock.yaml has the same name',
      )
    } finally {
      rmSync(other, { recursive: true, force: true })
    }
  })
})
