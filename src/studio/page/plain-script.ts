/**
 * TypeScript as people write it in one file, made a plain script: types are blanked out and imports and exports written as a function of
 * `exports` and `require` has them, so that the text can be evaluated at once, and again for each simulated process.
 *
 *   import { Redis } from 'ioredis'            const { Redis } = require('ioredis')
 *   export default class Lock { … }            exports.default = class Lock { … }
 *   async acquire(key: string): Promise<x>     async acquire(key        )
 *
 * Invariants
 * - A line stays the line that it was, so stacks and pictures name the lines of the editor.
 *
 * Does not model  what TypeScript makes code of: enums, namespaces, parameter properties, decorators.
 */
import { parser } from '@lezer/javascript'

/** A script; or what is wrong with the text, at which character. */
export type PlainScript =
  | { readonly kind: 'script'; readonly script: string }
  | { readonly kind: 'wrong'; readonly at: number; readonly line: number; readonly problem: string }

const typescript = parser.configure({ dialect: 'ts' })

/** Only types: nothing of them runs. */
const TYPES: ReadonlySet<string> = new Set([
  'TypeAnnotation',
  'TypeParamList',
  'TypeArgList',
  'InterfaceDeclaration',
  'TypeAliasDeclaration',
  'AmbientDeclaration',
  'Privacy',
  'readonly',
  'override',
  'abstract',
  'Optional',
])

/** What runs, and is no JavaScript. */
const NO_SCRIPT: Readonly<Record<string, string>> = {
  EnumDeclaration: 'an enum',
  NamespaceDeclaration: 'a namespace',
  Decorator: 'a decorator',
}

type Node = ReturnType<typeof typescript.parse>['topNode']

/** Makes it plain. */
export function plainScript(text: string): PlainScript {
  const edits: { readonly from: number; readonly to: number; readonly by: string }[] = []
  const exported: string[] = []
  const wrong: { readonly at: number; readonly problem: string }[] = []
  const blank = (from: number, to: number): void => void edits.push({ from, to, by: '' })
  const replace = (from: number, to: number, by: string): void => void edits.push({ from, to, by })
  typescript.parse(text).iterate({
    enter({ node, name, from, to }) {
      if (node.type.isError) wrong.push({ at: from, problem: 'this is no TypeScript' })
      else if (NO_SCRIPT[name] !== undefined)
        wrong.push({ at: from, problem: `${NO_SCRIPT[name]} cannot be run in a page` })
      else if (name === 'Privacy' && node.parent?.name === 'ParamList')
        wrong.push({
          at: from,
          problem: 'a parameter that is a property cannot be run in a page: assign it in the constructor',
        })
      else if (TYPES.has(name) && !isTernary(node)) blank(from, to)
      else if (name === 'implements') blank(from, (node.parent?.getChild('ClassBody')?.from ?? to) - 1)
      else if (name === 'LogicOp' && text.slice(from, to) === '!' && isAssertion(node)) blank(from, to)
      else if ((name === 'as' || name === 'satisfies') && node.parent?.name === 'BinaryExpression')
        blank(from, node.nextSibling?.to ?? to)
      else if (name === 'ImportDeclaration') replace(from, to, importOf(text.slice(from, to)))
      else if (name === 'ExportDeclaration') return exportOf(node)
      else return true
      return false
    },
  })
  const [first] = wrong
  if (first !== undefined) {
    return { kind: 'wrong', ...first, line: text.slice(0, first.at).split('\n').length }
  }
  let script = ''
  let at = 0
  for (const { from, to, by } of edits) {
    if (from < at) continue
    script += text.slice(at, from) + by + text.slice(from, to).replace(/[^\n]/g, by === '' ? ' ' : '')
    at = to
  }
  return { kind: 'script', script: `${script}${text.slice(at)};${exported.join(';')}` }

  function exportOf(node: Node): boolean {
    const { from, to } = node
    const group = node.getChild('ExportGroup')
    if (node.getChild('InterfaceDeclaration') !== null || node.getChild('TypeAliasDeclaration') !== null)
      blank(from, to)
    else if (node.getChild('default') !== null) {
      replace(from, node.getChild('default')?.to ?? to, 'exports.default =')
      return true
    } else if (group !== null) {
      for (const pair of text.slice(group.from + 1, group.to - 1).split(',')) {
        const [inner = '', outer = inner] = pair.trim().split(/\s+as\s+/)
        if (inner !== '' && !inner.startsWith('type ')) exported.push(`exports.${outer}=${inner}`)
      }
      blank(from, to)
    } else {
      blank(from, node.getChild('export')?.to ?? from)
      for (const name of declared(node)) exported.push(`exports.${name}=${name}`)
      return true
    }
    return false
  }

  function declared(node: Node): readonly string[] {
    const declaration = node.lastChild
    return (declaration?.getChildren('VariableDefinition') ?? []).map((each) => text.slice(each.from, each.to))
  }
}

/** `a?.b` and `a ? b : c` have nodes of the same names as types have, elsewhere. */
const isTernary = (node: Node): boolean =>
  node.name === 'Optional' &&
  !['ParamList', 'PropertyDeclaration', 'MethodDeclaration'].includes(node.parent?.name ?? '')

/** `value!`, and `field!: Type`; not `!value`. */
const isAssertion = (node: Node): boolean =>
  node.parent?.name === 'PostfixExpression' || node.parent?.name === 'PropertyDeclaration'

/** `import A, { b, type C, d as e } from 'm'` as a function asks for a module. */
function importOf(text: string): string {
  const found = /^import\s+(type\b\s*)?([\s\S]*?)\s*(?:from\s*)?(['"][^'"]*['"])/.exec(text)
  if (found === null || found[1] !== undefined) return ''
  const [, , names = '', module] = found
  if (names === '') return `require(${module})`
  const whole = /\*\s*as\s+(\w+)/.exec(names)?.[1]
  if (whole !== undefined) return `const ${whole} = require(${module});`
  const [main = ''] = /^[\w$]+/.exec(names) ?? []
  const inner = /\{([\s\S]*)\}/.exec(names)?.[1] ?? ''
  const members = inner
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '' && !/^type\s/.test(each))
    .map((each) => each.replace(/\s+as\s+/, ': '))
  return `const { ${[...(main === '' ? [] : [`default: ${main}`]), ...members].join(', ')} } = require(${module});`
}
