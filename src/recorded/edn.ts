/**
 * EDN, the notation in which Jepsen writes histories: data only. A tag (`#jepsen.history.Op{…}`) is passed over and its form kept; an
 * unknown character, an end in the middle or a form that is too deep is an error with its line.
 *
 * Does not model  namespaced maps (`#:a{…}`), metadata, ratios as numbers (they are kept as they are written).
 *
 * Source: https://github.com/edn-format/edn
 */
import { UsageError } from '../sim/usage-error.ts'

export type Edn =
  | null
  | boolean
  | { readonly kind: 'number' | 'string' | 'keyword' | 'symbol' | 'char'; readonly text: string }
  | { readonly kind: 'sequence'; readonly items: readonly Edn[]; readonly isSet: boolean }
  | EdnMap

export interface EdnMap {
  readonly kind: 'map'
  /** Where it begins. */
  readonly line: number
  readonly entries: readonly (readonly [Edn, Edn])[]
}

const DEPTH_MAX = 200
const SPACE = /[\s,]/
/** What ends a number, a symbol or a keyword. */
const DELIMITER = /[\s,()[\]{}";]/
const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' }
const NAMED: Readonly<Record<string, Edn>> = { nil: null, true: true, false: false }

/** The forms of a text, one after the other. */
export class EdnReader {
  readonly #file: string
  readonly #text: string
  #at = 0
  #line = 1

  constructor(file: string, text: string) {
    this.#file = file
    this.#text = text
  }

  /** The next form; undefined: there is none left. */
  next(): Edn | undefined {
    const form = this.#form(0)
    if (form === END) return undefined
    if (form === CLOSED) throw this.#error('a bracket closes nothing')
    return form
  }

  #error(problem: string, line = this.#line): UsageError {
    return new UsageError(`${this.#file}:${line}`, problem)
  }

  /** Passes over blanks and comments. */
  #skip(): void {
    for (; this.#at < this.#text.length; this.#at += 1) {
      const char = this.#text[this.#at] as string
      if (char === ';') {
        const end = this.#text.indexOf('\n', this.#at)
        this.#at = end === -1 ? this.#text.length : end
      }
      if (this.#text[this.#at] === '\n') this.#line += 1
      else if (this.#at < this.#text.length && !SPACE.test(this.#text[this.#at] as string)) return
    }
  }

  #form(depth: number): Edn | typeof END | typeof CLOSED {
    if (depth > DEPTH_MAX) throw this.#error(`more than ${DEPTH_MAX} brackets in each other`)
    for (;;) {
      this.#skip()
      const char = this.#text[this.#at]
      if (char === undefined) return END
      if (char === ')' || char === ']' || char === '}') return CLOSED
      if (char === '(' || char === '[') return this.#sequence(char, false, depth)
      if (char === '{') return this.#map(depth)
      if (char === '"') return this.#string()
      if (char === '\\') return this.#char()
      if (char !== '#') return this.#word()
      const after = this.#text[this.#at + 1]
      if (after === '{') {
        this.#at += 1
        return this.#sequence('{', true, depth)
      }
      if (after === '_') {
        this.#at += 2
        this.#needed(depth)
        continue
      }
      this.#at += 1
      // `##Inf`; else a tag, whose form is what counts.
      if (after === '#') {
        this.#at += 1
        const word = this.#word()
        return {
          kind: 'number',
          text: `##${typeof word === 'object' && word !== null && 'text' in word ? word.text : ''}`,
        }
      }
      this.#word()
      return this.#needed(depth)
    }
  }

  /** A form that must be there. */
  #needed(depth: number): Edn {
    const form = this.#form(depth + 1)
    if (form === END) throw this.#error('it ends in the middle')
    if (form === CLOSED) throw this.#error('something is missing before a bracket closes')
    return form
  }

  #items(open: string, depth: number): Edn[] {
    const line = this.#line
    this.#at += 1
    const items: Edn[] = []
    for (;;) {
      const form = this.#form(depth + 1)
      if (form === END) throw this.#error(`a bracket ${open} is not closed`, line)
      if (form === CLOSED) {
        if (this.#text[this.#at] !== CLOSING[open])
          throw this.#error(`a bracket ${open} is closed by ${this.#text[this.#at]}`)
        this.#at += 1
        return items
      }
      items.push(form)
    }
  }

  #sequence(open: string, isSet: boolean, depth: number): Edn {
    return { kind: 'sequence', items: this.#items(open, depth), isSet }
  }

  #map(depth: number): Edn {
    const line = this.#line
    const items = this.#items('{', depth)
    if (items.length % 2 !== 0) throw this.#error('a map has a key without a value', line)
    const entries: [Edn, Edn][] = []
    for (let index = 0; index < items.length; index += 2) entries.push([items[index] as Edn, items[index + 1] as Edn])
    return { kind: 'map', line, entries }
  }

  #string(): Edn {
    const line = this.#line
    let text = ''
    for (this.#at += 1; this.#at < this.#text.length; this.#at += 1) {
      const char = this.#text[this.#at] as string
      if (char === '"') {
        this.#at += 1
        return { kind: 'string', text }
      }
      if (char === '\n') this.#line += 1
      if (char !== '\\') text += char
      else {
        this.#at += 1
        text += this.#escaped()
      }
    }
    throw this.#error('a text is not closed', line)
  }

  #escaped(): string {
    const char = this.#text[this.#at] ?? ''
    const plain = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', '\\': '\\', '"': '"' }[char]
    if (plain !== undefined) return plain
    const hex = /^u([0-9a-f]{4})/i.exec(this.#text.slice(this.#at, this.#at + 5))?.[1]
    if (hex === undefined) throw this.#error('a text has an escape that EDN does not know')
    this.#at += 4
    return String.fromCharCode(Number.parseInt(hex, 16))
  }

  #char(): Edn {
    const from = this.#at + 1
    this.#at = from + 1
    while (this.#at < this.#text.length && !DELIMITER.test(this.#text[this.#at] as string)) this.#at += 1
    return { kind: 'char', text: this.#text.slice(from, this.#at) }
  }

  #word(): Edn {
    const from = this.#at
    while (this.#at < this.#text.length && !DELIMITER.test(this.#text[this.#at] as string)) this.#at += 1
    const text = this.#text.slice(from, this.#at)
    if (text === '') throw this.#error('it is no EDN')
    if (Object.hasOwn(NAMED, text)) return NAMED[text] as Edn
    if (text.startsWith(':')) return { kind: 'keyword', text: text.slice(1) }
    // 1, 1N, 1.0, 1.0M, 1/2
    if (/^[+-]?\d/.test(text)) {
      if (!/^[+-]?\d+(\/\d+|(\.\d*)?([eE][+-]?\d+)?)[NM]?$/.test(text)) throw this.#error('a number is no number')
      return { kind: 'number', text: text.replace(/[NM]$/, '').replace(/^\+/, '') }
    }
    return { kind: 'symbol', text }
  }
}

const END = Symbol('end')
const CLOSED = Symbol('closed')

/** The value under a keyword (`:f`); undefined: there is none. */
export function field({ entries }: EdnMap, name: string): Edn | undefined {
  for (const [key, value] of entries) {
    if (typeof key === 'object' && key !== null && key.kind === 'keyword' && key.text === name) return value
  }
  return undefined
}

/** A text that is equal for equal values. */
export function ednText(value: Edn): string {
  if (value === null) return 'nil'
  if (typeof value === 'boolean') return String(value)
  switch (value.kind) {
    case 'sequence': {
      const items = value.items.map(ednText)
      return value.isSet ? `#{${items.sort().join(' ')}}` : `[${items.join(' ')}]`
    }
    case 'map':
      return `{${value.entries
        .map(([key, each]) => `${ednText(key)} ${ednText(each)}`)
        .sort()
        .join(', ')}}`
    case 'string':
      return JSON.stringify(value.text)
    case 'keyword':
      return `:${value.text}`
    case 'char':
      return `\\${value.text}`
    default:
      return value.text
  }
}
