/**
 * Mutants of the checks: in the built `check/` folder each condition can be negated or dropped while it runs, one at a time, by its
 * number (`condition.js`). So one process judges one world with every mutant in turn.
 *
 *   condition   the test of an `if`, a loop or `?:`, an operand of `&&` or `||`, what a predicate of `filter`, `some`, `every` or `find`
 *               comes to
 *   negated     as if it were the other way round
 *   dropped     as if it were not asked: an operand of `&&` true, of `||` false; a test or a predicate always, and never, so
 *
 * Does not model  other mistakes: wrong constants, off by one, a wrong operand. The storms of the catalogue are for those.
 */
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseAst } from 'vitest/node'

const PREDICATES = new Set(['filter', 'some', 'every', 'find', 'findLast', 'findIndex'])

/**
 * Copies the built package to `to`, with mutants.
 * @returns all mutants: `file:line` in the built file, what is done, and the condition
 */
export function writeMutants(dist, to) {
  rmSync(to, { recursive: true, force: true })
  cpSync(dist, to, { recursive: true })
  const mutants = []
  // What a source that is gone left in `dist` is no check.
  const sources = readdirSync(path.resolve(dist, '../src/check')).map((name) => name.replace(/\.ts$/, '.js'))
  for (const name of sources.sort()) {
    const file = path.join(to, 'check', name)
    writeFileSync(file, mutated(readFileSync(file, 'utf8'), name, mutants))
  }
  return mutants
}

/** The text of a file in which each condition asks which mutant is on. */
function mutated(text, name, mutants) {
  const conditions = new Map()
  walk(parseAst(text), (node) => {
    switch (node.type) {
      case 'IfStatement':
      case 'ConditionalExpression':
      case 'WhileStatement':
        add(conditions, node.test, ['true', 'false'])
        break
      case 'LogicalExpression':
        if (node.operator === '??') break
        add(conditions, node.left, [node.operator === '&&' ? 'true' : 'false'])
        add(conditions, node.right, [node.operator === '&&' ? 'true' : 'false'])
        break
      case 'CallExpression': {
        const [predicate] = node.arguments
        if (node.callee.type !== 'MemberExpression' || !PREDICATES.has(node.callee.property.name)) break
        if (predicate?.type === 'ArrowFunctionExpression' && predicate.body.type !== 'BlockStatement') {
          add(conditions, predicate.body, ['true', 'false'])
        }
        break
      }
    }
  })
  // From the inside out: what is inside another condition is shorter.
  const sorted = [...conditions.values()].sort((a, b) => a.node.end - a.node.start - (b.node.end - b.node.start))
  const edits = []
  const constants = []
  for (const { node, dropped } of sorted) {
    const line = text.slice(0, node.start).split('\n').length
    const source = text.slice(node.start, node.end).replaceAll(/\s+/g, ' ')
    // Operands are not operands of their own when they are made of others: those are mutated.
    const kinds = node.type === 'LogicalExpression' ? ['negated'] : ['negated', ...dropped]
    const numbers = kinds.map((kind) => {
      mutants.push({ place: `${name}:${line}`, kind, source })
      return mutants.length
    })
    constants.push(`const __n${numbers[0]} = [${numbers}], __k${numbers[0]} = ${JSON.stringify(kinds)};`)
    edits.push({ node, before: `__m(__n${numbers[0]}, __k${numbers[0]}, () => (`, after: '))' })
  }
  const marks = edits.flatMap(({ node, before, after }) => [
    { at: node.start, text: before, width: node.end - node.start, isEnd: false },
    { at: node.end, text: after, width: node.end - node.start, isEnd: true },
  ])
  // At one place: ends first, the shorter ones first; then beginnings, the longer ones first.
  marks.sort((a, b) => a.at - b.at || b.isEnd - a.isEnd || (a.isEnd ? a.width - b.width : b.width - a.width))
  let result = ''
  let at = 0
  for (const mark of marks) {
    result += text.slice(at, mark.at) + mark.text
    at = mark.at
  }
  return `const __m = globalThis.mutantCondition;\n${constants.join('\n')}\n${result}${text.slice(at)}`
}

function add(conditions, node, dropped) {
  const key = `${node.start} ${node.end}`
  const known = conditions.get(key)?.dropped ?? []
  conditions.set(key, { node, dropped: [...new Set([...known, ...dropped])] })
}

function walk(node, visit) {
  if (Array.isArray(node)) for (const each of node) walk(each, visit)
  else if (node !== null && typeof node === 'object') {
    if (typeof node.type === 'string') visit(node)
    for (const value of Object.values(node)) if (value !== null && typeof value === 'object') walk(value, visit)
  }
}
