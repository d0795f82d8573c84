/**
 * The package that a file belongs to: what Node reads in `package.json` to tell ES modules from CommonJS, and what bundlers read to
 * tell what may be left out.
 */
import path from 'node:path'
import { realFs } from '../door.ts'

export interface Package {
  /** Of the nearest `package.json` that has one; empty: none has. */
  readonly name: string
  /** Of the nearest `package.json`. */
  readonly type: string
  /** The nearest `package.json` says that none of its modules does anything when it is evaluated but to define what it exports. */
  readonly isPure: boolean
}

const NONE: Package = { name: '', type: '', isPure: false }
const known = new Map<string, Package>()

interface Manifest extends Partial<Pick<Package, 'name' | 'type'>> {
  /** Which of its files do something when they are evaluated, to bundlers: webpack.js.org/guides/tree-shaking. */
  readonly sideEffects?: unknown
}

/** What the `package.json` of a folder says, or the nearest one above it. */
export function packageOf(folder: string): Package {
  let found = known.get(folder)
  if (found === undefined) {
    found = read(folder)
    known.set(folder, found)
  }
  return found
}

function read(folder: string): Package {
  const above = path.dirname(folder)
  const beyond = above === folder || path.basename(folder) === 'node_modules' ? NONE : packageOf(above)
  const file = path.join(folder, 'package.json')
  if (!realFs.existsSync(file)) return beyond
  const { name = beyond.name, type = '', sideEffects } = JSON.parse(realFs.readFileSync(file, 'utf8')) as Manifest
  return { name, type, isPure: sideEffects === false || (Array.isArray(sideEffects) && sideEffects.length === 0) }
}
