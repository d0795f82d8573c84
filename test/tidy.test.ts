/**
 * Style that a machine can check: what must not appear where, and what to write instead.
 */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { BROWSER_FOLDERS } from './browser-folders.ts'

const ROOT = path.resolve(import.meta.dirname, '..')
const list = (folder: string, pattern: RegExp): string[] =>
  readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => path.join(folder, file))
    .filter((file) => pattern.test(file) && !file.includes('node_modules'))
const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8')
/** The code without comments and texts. */
const code = (file: string): string =>
  read(file)
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|[^:])\/\/.*$/gm, '$1')
    .replace(/'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\[\s\S])*`|"(?:[^"\\\n]|\\.)*"/g, "''")

const sources = list('src', /\.ts$/)
/** Locks and session stores are code under test: they ask `Date` as people's code does, and get the time of their process. */
const UNDER_TEST = ['lock', 'session', 'queue', 'leader', 'read-write']
const simulated = BROWSER_FOLDERS.filter((folder) => !UNDER_TEST.includes(folder)).flatMap((folder) =>
  sources.filter((file) => file.startsWith(`src/${folder}/`) && !file.includes('/node/')),
)

/** What breaks determinism, where it is allowed, and what to use. */
const BANNED: readonly { readonly pattern: RegExp; readonly instead: string; readonly except: readonly string[] }[] = [
  {
    pattern: /\bDate\b/,
    instead: 'process.wallUs',
    // Repairs wrap code under test.
    except: ['src/sim/virtual-globals.ts', 'src/explore/repair.ts'],
  },
  { pattern: /\bMath\.random\b/, instead: 'a stream of world.random', except: ['src/sim/virtual-globals.ts'] },
  { pattern: /\bMath\.(log|exp|sin|cos|tan|pow)\b/, instead: 'integer arithmetic', except: [] },
  { pattern: /\blocaleCompare\b/, instead: 'a comparison of code units', except: [] },
  {
    pattern: /\b(setTimeout|setInterval|setImmediate|queueMicrotask)\(/,
    instead: 'process.setTimer',
    except: ['src/sim/virtual-globals.ts', 'src/sim/process.ts', 'src/sim/virtual-timers.ts', 'src/explore/repair.ts'],
  },
  { pattern: /\bconsole\b/, instead: 'a record in the trace', except: [] },
]

describe('tidiness', () => {
  it.each(BANNED)('uses $instead instead of $pattern in what is simulated', ({ pattern, except }) => {
    const offenders = simulated.filter((file) => !except.includes(file) && pattern.test(code(file)))
    expect(offenders).toEqual([])
  })

  it('begins every source file with a header', () => {
    expect([...sources, ...list('catalogue', /\.ts$/)].filter((file) => !/^(#!.*\n)?\/\*\*/.test(read(file)))).toEqual(
      [],
    )
  })

  it('has no folder or file named for nothing', () => {
    expect(
      [...sources, ...list('catalogue', /\.ts$/), ...list('examples', /\.[jt]s$/), ...list('test', /\.ts$/)].filter(
        (file) => /(^|\/)(utils?|helpers?|common|misc)(\/|\.ts$)/.test(file),
      ),
    ).toEqual([])
  })

  it('speaks of the project alone', () => {
    const everything = [
      ...sources,
      ...list('catalogue', /\.ts$/),
      ...list('examples', /\.(ts|js|md|json)$/),
      ...list('test', /\.(ts|c)$/),
      ...list('scenarios', /\.yaml$/),
      ...list('docs', /\.md$/),
      'README.md',
      'ARCHITECTURE.md',
      'CONTRIBUTING.md',
      'CHANGELOG.md',
    ]
    const offenders = everything.filter(
      (file) => /\/work\/(main|shared|notes|\.library)|\/root\//.test(read(file)) && file !== 'test/tidy.test.ts',
    )
    expect(offenders).toEqual([])
  })

  it('has no work left undone in comments', () => {
    expect(sources.filter((file) => /\b(TODO|FIXME|XXX|HACK)\b/.test(read(file)))).toEqual([])
  })
})
