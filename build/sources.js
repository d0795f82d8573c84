/**
 * The code that people are shown: each built-in subject as it is written, and the lessons' files.
 *
 * What a built-in one imports from the files beside it stands above it, as far as it is needed. In the editor of the playground it is one
 * file: what the package has is imported from `lockstorm`, and it is called `my-…`, for edited, it is another one.
 */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** Where subjects are. */
const FOLDERS = [
  'lock',
  'lock/semaphore',
  'lock/articles',
  'session',
  'session/articles',
  'queue',
  'leader',
  'read-write',
]

/** Before the name of a subject: `defineLock({ name: `, or a function that makes several. */
const NAMED = String.raw`(?:define\w+(?:<.*>)?\(\{\n(?: {2}\.\.\..*\n)? {2}name: |\w+\()`
const SUBJECT = new RegExp(`^export const (\\w+) = ${NAMED}'([^']+)'`, 'gm')

/**
 * The source of each subject, by its name.
 * @param {string} folder `src`
 */
export const sources = (folder) => each(folder, asFile)

/**
 * The code of each subject by its name, without what is the same in all of them or no code: imports, headers, names and titles.
 * @param {string} folder `src`
 */
export const shownCode = (folder) => each(folder, asCode)

/** What is written of each subject, by its name. */
function each(folder, written) {
  const files = FOLDERS.flatMap((sub) =>
    readdirSync(path.join(folder, sub))
      .filter((file) => file.endsWith('.ts'))
      .map((file) => path.join(sub, file)),
  )
  const exported = exportsOf(readFileSync(path.join(folder, 'index.ts'), 'utf8'))
  const found = files.flatMap((file) =>
    [...readFileSync(path.join(folder, file), 'utf8').matchAll(SUBJECT)].map(([, declared, name]) => [
      name,
      written(sourceOf(folder, file, declared, exported), declared),
    ]),
  )
  return Object.fromEntries(found)
}

/**
 * The code of each lesson and of its cure, in the order of the lessons, by its path in the package.
 * @param {string} folder `lessons`
 * @param {readonly string[]} names of the lessons, in their order
 * @param {ReadonlySet<string>} taken names that other code has
 */
export const lessonSources = (folder, names, taken) =>
  names.flatMap((lesson, index) =>
    ['lock.js', 'cured.js'].map((file) => {
      const text = readFileSync(path.join(folder, lesson, file), 'utf8')
      const name = /^ {2}name: '([^']+)'/m.exec(text)[1]
      return {
        name: `lessons/${lesson}/${file}`,
        label: `${index + 1} ${lesson}${file === 'lock.js' ? '' : ', cured'}`,
        title: /^\/\*\* ?(.*?) \*\//.exec(text)[1],
        kind: /^ {2}async load\(/m.test(text) ? 'session' : 'lock',
        client: /^ {2}client: '([^']+)'/m.exec(text)?.[1] ?? null,
        storm: `lessons/${lesson}/storm.yaml`,
        // Another subject has this name, as when a built-in one is edited.
        text: taken.has(name) ? text.replace(/^( {2}name: ')/m, '$1my-') : text,
      }
    }),
  )

/** What users import from `lockstorm`. */
function exportsOf(index) {
  const lists = [...index.matchAll(/^export (?:type )?\{([^}]*)\} from/gm)].flatMap(([, list]) => list.split(','))
  return new Set(lists.map((name) => name.replace(/^\s*type /, '').trim()).filter((name) => name !== ''))
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
    /\n(?=\n(?:\/\*\*|\/\/|export |declare |async |const |function |class |interface |type ))|(?<=\n)(?<!\*\/\n)(?=(?:\/\*\*.*\*\/\n)?(?:export |declare |async )?(?:const|function|class|interface|type) \w+)/,
  )) {
    const name = START.exec(part.replace(/^\s*(?:\/\*\*[\s\S]*?\*\/|\/\/.*)\s*/, ''))?.[1]
    if (name !== undefined) declarations.set(name, `${declarations.get(name) ?? ''}${part.trim()}`)
  }
  return { header, imports, declarations }
}

function sourceOf(folder, file, main, exported) {
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
      if (exported.has(word)) contract.set(word, imported.isType)
      else take(imported.target, word)
    }
    // What the host has is known to editors.
    if (!declared.startsWith('declare ')) pieces.push(declared)
  }
  take(file, main)
  return { header: fileOf(file).header, contract, pieces }
}

function asFile({ header, contract, pieces }, main) {
  const names = [...contract]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, isType]) => (isType ? `type ${name}` : name))
  const own = withoutExports(
    pieces.join('\n\n').replace(new RegExp(`^export const ${main} = (${NAMED}')`, 'm'), 'export default $1my-'),
  )
  return `${header}import { ${names.join(', ')} } from 'lockstorm'\n\n${own}\n`
}

/** What is called stands first, and below it what that uses. */
const asCode = ({ pieces }) =>
  withoutExports([...pieces.slice(-1), ...pieces.slice(0, -1)].join('\n\n')).replace(
    /^ {2}(?:name|title|commands):(?: .*|\n {4}.*)\n/gm,
    '',
  )

const withoutExports = (code) => code.replace(/^export (?!default)/gm, '')
