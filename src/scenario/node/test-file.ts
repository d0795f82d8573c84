/**
 * Test files, which people try first: they hold no lock, but name the file that does.
 */
import path from 'node:path'
import { UsageError } from '../../sim/usage-error.ts'

const RUNNERS =
  /(?:from|import|require\()\s*['"](vitest|@jest\/globals|mocha|node:test|ava|@playwright\/test|bun:test)['"]/
const CALLS = /^\s*(?:describe|it|test)(?:\.\w+)*\s*\(\s*['"`]/m
const NAME = /\.(test|spec)\.[cm]?[jt]sx?$/
const NEIGHBOURS = /(?:from|import\(|require\()\s*['"](\.{1,2}\/[^'"]+)['"]/g

/**
 * Refuses a test file, with what to do instead.
 * @throws UsageError
 */
export function refuseTestFile(file: string, text: string): void {
  const runner = RUNNERS.exec(text)?.[1]
  if (runner === undefined && !(CALLS.test(text) && (NAME.test(file) || /^\s*(describe|it)\(/m.test(text)))) return
  const [neighbour] = [...text.matchAll(NEIGHBOURS)].flatMap(([, name]) => name ?? [])
  const lock = neighbour === undefined ? './my-lock.ts' : relativeTo(file, neighbour)
  const what = runner === undefined ? 'it calls describe or it' : `it imports ${runner}`
  throw new UsageError(
    file,
    `it is a test file (${what}), and no lock`,
    `lockstorm hunt ${lock}, or in the test: assertValid(await hunt('${lock}', { faults: 1 }))`,
  )
}

/** A neighbour as it is named from the current folder. */
function relativeTo(file: string, neighbour: string): string {
  const found = path.join(path.dirname(file), neighbour)
  const named = /\.[cm]?[jt]s$/.test(found) ? found : `${found}${path.extname(file)}`
  return path.isAbsolute(named) || named.startsWith('..') ? named : `./${named}`
}
