/**
 * What this machine has, and which test files need what it lacks. `npm test` must pass where there is Node and nothing
 * else: files that compare with a real redis-server or look at a page in Chromium are then left out, and named. With
 * `CI=true` nothing is left out, so what is missing fails.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** The version whose replies the in-memory Redis equals byte for byte. */
const REFERENCE = '7.0.15'
const TESTS = import.meta.dirname
const CATALOGUE = path.resolve(TESTS, '../catalogue')

const output = (command: string, ...args: string[]): string => {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  } catch {
    // It is not there, or does not start: for a test that is the same.
    return ''
  }
}

interface Need {
  /** What a person would install. */
  readonly what: string
  /** What a file that needs it mentions, itself or through a file it imports. */
  readonly sign: RegExp
  isThere(): boolean
}

const NEEDS: readonly Need[] = [
  {
    what: `redis-server ${REFERENCE}`,
    sign: /real-redis\.ts'|virtual-redis\.ts'|server\/node\/(redis-server|bridge|url|container|redis-process)\.ts'|spawn\w*\(\s*'redis-server'/,
    isThere: () => output(process.env.REDIS_SERVER ?? 'redis-server', '--version').includes(`v=${REFERENCE} `),
  },
  {
    what: 'a C compiler (cc)',
    sign: /virtual-redis\.ts'|server\/node\/(redis-server|bridge|container|redis-process)\.ts'/,
    isThere: () => process.platform === 'linux' && output('cc', '--version') !== '',
  },
  { what: 'Chromium', sign: /from 'playwright-core'/, isThere: () => existsSync('/usr/bin/chromium') },
  {
    what: 'DejaVu Sans (fonts-dejavu-core)',
    sign: /DejaVuSans\.ttf/,
    isThere: () => existsSync('/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf'),
  },
]

/** The test files that cannot run here, with what they want; none in CI. */
export function leftOutFiles(): readonly { readonly file: string; readonly missing: string }[] {
  if (process.env.CI === 'true') return []
  const lacking = NEEDS.filter((need) => !need.isThere())
  if (lacking.length === 0) return []
  return readdirSync(TESTS, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .flatMap((file) => {
      const texts = [...reachable(path.join(TESTS, file), new Set())].map((reached) => readFileSync(reached, 'utf8'))
      const need = lacking.find(({ sign }) => texts.some((text) => sign.test(text)))
      return need === undefined ? [] : [{ file: `test/${file}`, missing: need.what }]
    })
}

/** A test file and the files in `test/` and `catalogue/` that it imports, directly or not. */
function reachable(file: string, found: Set<string>): Set<string> {
  if (found.has(file) || !existsSync(file)) return found
  found.add(file)
  for (const [, specifier] of readFileSync(file, 'utf8').matchAll(/from '(\.[^']+)'/g)) {
    const target = path.resolve(path.dirname(file), specifier as string)
    if (target.startsWith(TESTS) || target.startsWith(CATALOGUE)) reachable(target, found)
  }
  return found
}
