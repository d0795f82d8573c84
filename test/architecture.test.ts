/**
 * The house's rules, read off the imports: arrows point down, there are no circles, and what must run in a browser imports
 * nothing from Node.
 */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { BROWSER_FOLDERS } from './browser-folders.ts'

const SRC = path.resolve(import.meta.dirname, '../src')

/** From the bottom up; folders of one row may import each other's files only as far as this order allows. */
const FLOORS: readonly (readonly string[])[] = [
  ['sim'],
  ['text'],
  ['record'],
  ['worker'],
  ['net'],
  ['host'],
  ['redis'],
  ['keeper'],
  ['server'],
  ['client'],
  ['lock'],
  ['session'],
  ['queue'],
  ['leader'],
  ['read-write'],
  ['subject'],
  ['fault'],
  ['history'],
  ['check'],
  ['words'],
  ['pitfall'],
  ['workload'],
  ['world'],
  ['picture'],
  ['scenario'],
  ['explore'],
  ['tryout'],
  ['recorded'],
  ['lesson'],
  ['report'],
  ['studio'],
  ['engine'],
  ['fleet'],
  ['cli'],
]
const IN_BROWSER = new Set(BROWSER_FOLDERS)
/** What pages may have besides: their own code, and what reports are drawn with. */
const PAGES = 'studio'
const IN_PAGES = new Set([...BROWSER_FOLDERS, PAGES, 'report'])

interface Import {
  readonly file: string
  readonly specifier: string
  /** The imported file relative to src, for relative imports. */
  readonly target: string | null
  /** Only types are imported. */
  readonly isType: boolean
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))

function importsOf(file: string): Import[] {
  const text = readFileSync(path.join(SRC, file), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '')
  const found = text.matchAll(
    /^\s*(?:import|export)\b[^'"`;]*?from\s+'([^']+)'|^\s*import\s+'([^']+)'|\bimport\('([^']+)'\)/gm,
  )
  return [...found].map((match) => {
    const specifier = (match[1] ?? match[2] ?? match[3]) as string
    const target = specifier.startsWith('.')
      ? path.relative(SRC, path.resolve(SRC, path.dirname(file), specifier))
      : null
    return { file, specifier, target, isType: /^\s*(import|export) type\b/.test(match[0]) }
  })
}

const imports = files.flatMap(importsOf)
const folderOf = (file: string): string => (file.includes('/') ? (file.split('/')[0] as string) : '')
const floorOf = (folder: string): number => FLOORS.findIndex((row) => row.includes(folder))
const isNode = (file: string): boolean => file.split('/').includes('node')

describe('the house', () => {
  it('has a floor for every folder', () => {
    const folders = new Set(files.map(folderOf).filter((folder) => folder !== ''))
    expect([...folders].filter((folder) => floorOf(folder) < 0)).toEqual([])
  })

  it('has arrows that point down only', () => {
    const up = imports.filter(
      ({ file, target }) =>
        target !== null && folderOf(file) !== '' && floorOf(folderOf(target)) > floorOf(folderOf(file)),
    )
    expect(up.map(({ file, specifier }) => `${file} → ${specifier}`)).toEqual([])
  })

  it('has no circle between files, types aside', () => {
    const runtime = new Map<string, string[]>()
    for (const file of files) {
      const text = readFileSync(path.join(SRC, file), 'utf8')
      const targets = importsOf(file).filter(({ specifier, target }) => {
        if (target === null) return false
        const line = text.split('\n').find((candidate) => candidate.includes(`'${specifier}'`)) ?? ''
        return !/^\s*(import|export) type\b/.test(line)
      })
      runtime.set(
        file,
        targets.map(({ target }) => target as string),
      )
    }
    const circles: string[] = []
    const done = new Set<string>()
    const visit = (file: string, trail: readonly string[]): void => {
      if (trail.includes(file)) {
        circles.push([...trail.slice(trail.indexOf(file)), file].join(' → '))
        return
      }
      if (done.has(file)) return
      for (const target of runtime.get(file) ?? []) visit(target, [...trail, file])
      done.add(file)
    }
    for (const file of files) visit(file, [])
    expect(circles).toEqual([])
  })

  it('imports nothing from Node where a browser must run it, nor from a folder that does not run there', () => {
    const node = imports.filter(({ file, specifier, target }) => {
      const there = folderOf(file) === PAGES ? IN_PAGES : IN_BROWSER
      if (!there.has(folderOf(file)) || isNode(file)) return false
      if (target === null) return specifier.startsWith('node:')
      return isNode(target) || !there.has(folderOf(target))
    })
    expect(node.map(({ file, specifier }) => `${file} → ${specifier}`)).toEqual([])
  })

  it('imports in a browser only packages that run there', () => {
    // A type is gone when the code runs.
    const packages = new Set(
      imports
        .filter(({ isType }) => !isType)
        .filter(({ file, target }) => IN_BROWSER.has(folderOf(file)) && !isNode(file) && target === null)
        .map(({ specifier }) => specifier),
    )
    expect([...packages].sort()).toEqual(['fast-check', 'seedrandom', 'yaml', 'zod'])
  })
})
