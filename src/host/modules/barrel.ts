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

/** What the transform makes of the statements of a barrel. */
const HEAD = /^"use strict";Object\.defineProperty\(exports, "__esModule", \{ value: true \}\);/
const NAMES = /(?:exports\.[\w$]+ = )+void 0;/g
const NAMED =
  /Object\.defineProperty\(exports, ("[\w$]+"), \{ enumerable: true, get: function \(\) \{return ([\w$]+)(\.[\w$]+);\} \}\);/g
const IMPORT = /var ([\w$]+) = await jitiImport\(("[^"\\]+")\);/g
const NAMESPACE = /exports\.([\w$]+) = ([\w$]+);/g
const COMMENT = /\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm

/** The code of a transformed barrel, with each import where it is asked for, on the same lines; null: it is none. */
export function lazyBarrel(code: string): string | null {
  const plain = code.replace(COMMENT, (comment) => comment.replace(/[^\n]+/g, ' '))
  const head = HEAD.exec(plain)?.[0]
  if (head === undefined) return null
  const rest = [NAMES, NAMED, IMPORT, NAMESPACE].reduce(
    (left, form) => left.replace(form, ''),
    plain.slice(head.length),
  )
  if (rest.trim() !== '') return null
  return plain
    .replace(NAMED, 'Object.defineProperty(exports, $1, { enumerable: true, get() { return $2()$3 } });')
    .replace(NAMESPACE, (_, name: string, from: string) => {
      const own = (what: string): string =>
        `Object.defineProperty(exports, "${name}", { enumerable: true, configurable: true, ${what} });`
      return own(`get() { const value = ${from}(); ${own('value')} return value }`)
    })
    .replace(IMPORT, 'function $1() { return $1.namespace ??= lockstormImport($2) }')
}

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
  for (const each of seen) {
    for (const [, name] of each.text.matchAll(IMPORTED)) {
      const found = foundIn(each, name as string)
      if (found?.kind === 'file' && found.source.format === 'module') seen.add(found.source)
    }
  }
  return seen
}

/** Null: it leads nowhere, as what a comment quotes. */
function foundIn(source: Source, name: string): Found | null {
  try {
    return resolve(source, name, 'import')
  } catch {
    return null
  }
}
