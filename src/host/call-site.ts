/**
 * Where the code under test made a call: the file and line that a message to the user names.
 */
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** Everything in here is lockstorm's own: `src`, or `dist` when it is built. */
const OWN = fileURLToPath(new URL('..', import.meta.url))
/** A call can lie deep in a library. */
const FRAMES_MAX = 100

/**
 * `src/lib/redis.ts:2`, the innermost line of the user's own files that led here, or else of a package; null when there is none.
 * @param stack of an error that was made there; default: of this call
 */
export function callSite(stack = deepStack()): string | null {
  let ofPackage: string | null = null
  for (const line of stack.split('\n')) {
    const [, file = '', number = ''] = /(?:\(|at (?:async )?)(?:file:\/\/)?(\/[^()]*?):(\d+):\d+\)?$/.exec(line) ?? []
    if (file === '' || file.startsWith(OWN)) continue
    const place = `${path.relative(process.cwd(), file)}:${number}`
    if (!file.includes(`${path.sep}node_modules${path.sep}`)) return place
    ofPackage ??= place
  }
  return ofPackage
}

/** The stack of the call, deeper than Node's ten lines. */
export function deepStack(): string {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = FRAMES_MAX
  const { stack = '' } = new Error()
  Error.stackTraceLimit = stackTraceLimit
  return stack
}
