/**
 * The built-in locks as one file each, for the editor of the playground: what a lock imports from the files beside it stands above it,
 * as far as it is needed; what the package has is imported from `lockstorm`.
 *
 * A lock is called `my-…` there: edited, it is another one.
 */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** Where locks are: files with one lock each. */
const FOLDERS = ['lock', 'lock/semaphore', 'lock/articles']
/** What users import from `lockstorm`. */
const CONTRACTS = ['lock/lock.ts', 'lock/redis-commands.ts']

const LOCK = /^export const \w+ = defineLock\(\{\n {2}name: '([^']+)'/gm

/**
 * The source of each lock, by its name.
 * @param {string} folder `src`
 */
export function sources(folder) {
  const files = FOLDERS.flatMap((each) =>
    readdirSync(path.join(folder, each))
      .filter((file) => file.endsWith('.ts'))
      .map((file) => path.join(each, file)),
  )
  const found = files.flatMap((file) => {
    const locks = [...readFileSync(path.join(folder, file), 'utf8').matchAll(LOCK)]
    return locks.length === 1 ? [[locks[0][1], sourceOf(folder, file)]] : []
  })
  return Object.fromEntries(found)
}

const IMPORT = /^import (type )?(\{[^}]*\}|\w+) from '([^']+)'\n/gm
/** A declaration with its comment, at the beginning of a line. */
const START = /^(?:export )?(?:declare )?(?:async )?(?:const|function|class|interface|type) (\w+)/

/** A file's header, what it imports by name, and its declarations. */
function parse(folder, file) {
  const text = readFileSync(path.join(folder, file), 'utf8')
  const header = /^\/\*\*[\s\S]*?\*\/\n/.exec(text)?.[0] ?? ''
  const imports = new Map()
  for (const [, isType, names, from] of text.matchAll(IMPORT)) {
    const target = path.join(path.dirname(file), from)
    for (const name of names.replace(/[{}]/g, '').split(',')) {
      const plain = name.replace(/^\s*type /, '').trim()
      if (plain !== '') imports.set(plain, { target, isType: isType !== undefined || /^\s*type /.test(name) })
    }
  }
  const declarations = new Map()
  const body = text.slice(header.length).replace(IMPORT, '')
  for (const part of body.split(
    /\n(?=\n(?:\/\*\*|\/\/|export |declare |async |const |function |class |interface |type ))|(?<=\n)(?=(?:export |declare |async )?(?:const|function|class|interface|type) \w+)/,
  )) {
    const name = START.exec(part.replace(/^\s*(?:\/\*\*[\s\S]*?\*\/|\/\/.*)\s*/, ''))?.[1]
    if (name !== undefined) declarations.set(name, `${declarations.get(name) ?? ''}${part.trim()}`)
  }
  return { header, imports, declarations }
}

function sourceOf(folder, file) {
  const parsed = new Map()
  const fileOf = (name) => {
    if (!parsed.has(name)) parsed.set(name, parse(folder, name))
    return parsed.get(name)
  }
  const taken = new Set()
  const pieces = []
  const contract = new Map()
  const take = (from, name) => {
    const { imports, declarations } = fileOf(from)
    const declared = declarations.get(name)
    if (declared === undefined || taken.has(name)) return
    taken.add(name)
    for (const [word] of declared.matchAll(/\b[A-Za-z_]\w*\b/g)) {
      if (declarations.has(word)) take(from, word)
      const imported = imports.get(word)
      if (imported === undefined) continue
      if (CONTRACTS.includes(imported.target)) contract.set(word, imported.isType)
      else take(imported.target, word)
    }
    // What the host has is known to editors.
    if (!declared.startsWith('declare ')) pieces.push(declared)
  }
  for (const name of fileOf(file).declarations.keys()) take(file, name)
  const names = [...contract]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, isType]) => (isType ? `type ${name}` : name))
  const code = pieces
    .join('\n\n')
    .replace(/^export const \w+ = (defineLock\(\{\n {2}name: ')/m, 'export default $1my-')
    .replace(/^export (?!default)/gm, '')
  return `${fileOf(file).header}import { ${names.join(', ')} } from 'lockstorm'\n\n${code}\n`
}
