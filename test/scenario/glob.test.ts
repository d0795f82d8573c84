import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { filesMatching, globPattern } from '../../src/scenario/node/glob.ts'

describe('a glob', () => {
  it.each<[string, string, boolean]>([
    ['a/*.json', 'a/b.json', true],
    ['a/*.json', 'a/b/c.json', false],
    ['a/**/*.json', 'a/c.json', true],
    ['a/**/*.json', 'a/b/c/d.json', true],
    ['a/**', 'a/b/c', true],
    ['?.json', 'a.json', true],
    ['?.json', 'ab.json', false],
    ['{a,b.c}.json', 'b.c.json', true],
    ['{a,b.c}.json', 'bxc.json', false],
    ['a+(b).json', 'a+(b).json', true],
    ['*.json', 'a.jsonx', false],
  ])('%s matches %s: %s', (glob, file, isMatch) => {
    expect(globPattern(glob).test(file)).toBe(isMatch)
  })

  const folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-glob-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('names files of all folders, sorted, and none of node_modules', () => {
    for (const name of ['b', 'a/b', 'node_modules/x', '.git']) mkdirSync(path.join(folder, name), { recursive: true })
    for (const name of ['b/2.json', 'a/b/1.json', '0.json', 'node_modules/x/3.json', '.git/4.json', 'a/5.txt']) {
      writeFileSync(path.join(folder, name), '')
    }
    const found = (glob: string) => filesMatching(path.join(folder, glob)).map((file) => path.relative(folder, file))
    expect(found('**/*.json')).toEqual(['0.json', 'a/b/1.json', 'b/2.json'])
    expect(found('node_modules/**/*.json')).toEqual(['node_modules/x/3.json'])
    expect(found('none/*.json')).toEqual([])
  })
})
