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

/** The stack of the call, deeper than Node's ten lines; empty where code under test keeps it from being made. */
export function deepStack(): string {
  // Code under test may have replaced what makes stacks: it would be called here, in a world that is looked at, and not be called in the
  // same world when nobody looks.
  const undo = [
    put(globalThis, 'Error', { ...FREE, value: OwnError }),
    put(OwnError, 'prepareStackTrace', acceptedMaker),
    put(OwnError, 'stackTraceLimit', { ...FREE, enumerable: true, value: FRAMES_MAX }),
  ]
  try {
    const stack: unknown = new OwnError().stack
    return typeof stack === 'string' ? stack : ''
  } catch {
    // What makes stacks is fixed in its place, and throws.
    return ''
  } finally {
    for (let index = 0; index < undo.length; index += 1) undo[index]?.()
  }
}

const { getOwnPropertyDescriptor, defineProperty, deleteProperty } = Reflect
const OwnError = Error
const FREE = { writable: true, enumerable: false, configurable: true } as const
let acceptedMaker: PropertyDescriptor | undefined

/** Takes what makes stacks now for right: a test runner may have put it there, whose lines are those of the sources. */
export function acceptStacks(): void {
  acceptedMaker = getOwnPropertyDescriptor(OwnError, 'prepareStackTrace')
}

/** Gives an object another property, or takes it away; what is called later gives back what was there. Where it is fixed, it stays. */
function put(object: object, key: PropertyKey, descriptor: PropertyDescriptor | undefined): () => void {
  const before = getOwnPropertyDescriptor(object, key)
  const set = (wanted: PropertyDescriptor | undefined): boolean =>
    wanted === undefined ? deleteProperty(object, key) : defineProperty(object, key, wanted)
  set(descriptor)
  return () => set(before)
}
