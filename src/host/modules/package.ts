/**
 * The package that a file belongs to: what Node reads in `package.json` to tell ES modules from CommonJS.
 */
import path from 'node:path'
import { realFs } from '../door.ts'

export interface Package {
  /** Of the nearest `package.json` that has one; empty: none has. */
  readonly name: string
  /** Of the nearest `package.json`. */
  readonly type: string
}

const NONE: Package = { name: '', type: '' }
const known = new Map<string, Package>()

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
  const { name = beyond.name, type = '' } = JSON.parse(realFs.readFileSync(file, 'utf8')) as Partial<Package>
  return { name, type }
}
