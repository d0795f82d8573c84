/**
 * The code of a barrel, by its form after the transform: nothing but imports and re-exports.
 */

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
