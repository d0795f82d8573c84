/**
 * Barrels of installed packages: modules that only hand on what others export (`export * as Schema from './Schema.js'`).
 *
 * Where its package says that its modules have no side effects, a barrel evaluates a module when somebody asks for what is in it,
 * and never if nobody does: what bundlers make of it, and what the package allows by saying so. Node evaluates them all. Each process
 * of each world would evaluate hundreds of modules that nothing in it ever uses.
 *
 * Does not model  an error of a module that nobody asks for, or asks for later: it is thrown when it is asked for. Barrels with
 *                 `export * from`, which needs the names of the other module at once, or with a top-level `await` below them,
 *                 and the user's own, are evaluated as in Node.
 */
import { packageOf } from './package.ts'
import { type Found, resolve } from './resolve.ts'
import type { Source } from './source.ts'

/** Whether a module may be evaluated as a barrel. */
export const isLazyBarrel = (source: Source): boolean =>
  source.isInPackage &&
  packageOf(source.folder).isPure &&
  source.lazyCode !== null &&
  ![...below(source)].some((each) => each.awaits)

const IMPORTED = /\b(?:from|import)\s*(?:\/\*[\s\S]*?\*\/\s*)*["']([^"'\n]+)["']/g

/** All ES modules that are evaluated with one: itself, and what it imports. */
function below(source: Source): ReadonlySet<Source> {
  const seen = new Set([source])
  for (const each of seen) for (const imported of importsOf(each)) seen.add(imported)
  return seen
}

/** Packages have barrels of barrels: each file is read for its imports once. */
const known = new Map<Source, readonly Source[]>()

/** The ES modules that one imports. */
function importsOf(source: Source): readonly Source[] {
  let imports = known.get(source)
  if (imports === undefined) {
    imports = [...source.text.matchAll(IMPORTED)].flatMap(([, name]) => {
      const found = foundIn(source, name as string)
      return found?.kind === 'file' && found.source.format === 'module' ? [found.source] : []
    })
    known.set(source, imports)
  }
  return imports
}

/** Null: it leads nowhere, as what a comment quotes. */
function foundIn(source: Source, name: string): Found | null {
  try {
    return resolve(source, name, 'import')
  } catch {
    return null
  }
}
