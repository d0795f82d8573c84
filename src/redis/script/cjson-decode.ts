/**
 * `cjson.decode`: JSON as a Lua value, with what lua-cjson accepts beyond JSON (hexadecimal numbers, inf, nan, leading
 * zeros) and with its error texts.
 *
 * Source: lua_cjson.c of Redis 7.0
 */

import { parseDoublePrefix } from './c-strtod.ts'
import type { LuaVm } from './lua-vm.ts'
import type { LuaFunction, Pointer } from './lua-wasm.ts'
import type { CjsonSettings } from './script-run.ts'

type Token =
  | {
      readonly kind:
        | 'T_OBJ_BEGIN'
        | 'T_OBJ_END'
        | 'T_ARR_BEGIN'
        | 'T_ARR_END'
        | 'T_COLON'
        | 'T_COMMA'
        | 'T_END'
        | 'T_NULL'
    }
  | { readonly kind: 'T_STRING'; readonly text: string }
  | { readonly kind: 'T_NUMBER'; readonly value: number; readonly isNegativeNan: boolean }
  | { readonly kind: 'T_BOOLEAN'; readonly value: boolean }
  | { readonly kind: 'T_ERROR'; readonly reason: string }

const SINGLE: Readonly<Record<string, Token>> = {
  '{': { kind: 'T_OBJ_BEGIN' },
  '}': { kind: 'T_OBJ_END' },
  '[': { kind: 'T_ARR_BEGIN' },
  ']': { kind: 'T_ARR_END' },
  ':': { kind: 'T_COLON' },
  ',': { kind: 'T_COMMA' },
  '\0': { kind: 'T_END' },
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  t: '\t',
  n: '\n',
  f: '\f',
  r: '\r',
}

/** What `strtod` reads and JSON does not have; sticky, at the beginning of the token. */
const INVALID_NUMBER = /\+|-?(?:0[xX0-9]|[iI][nN][fF]|[nN][aA][nN])/y
const PLAIN_CHARS = /[^"\\\0]*/y
const HEX_4 = /[0-9a-fA-F]{4}/y

export function decoder(vm: LuaVm, settingsOf: (L: Pointer) => CjsonSettings): LuaFunction {
  return (L) => {
    if (vm.api.lua_gettop(L) !== 1) vm.argumentError(L, 1, 'expected 1 argument')
    const json = vm.checkString(L, 1)
    if (json.length >= 2 && (json[0] === '\0' || json[1] === '\0'))
      vm.raise(L, 'JSON parser does not support UTF-16 or UTF-32')
    new Parser(vm, L, json, settingsOf(L)).parse()
    return 1
  }
}

class Parser {
  readonly #vm: LuaVm
  readonly #L: Pointer
  readonly #json: string
  readonly #settings: CjsonSettings
  #at = 0
  /** Where the current token, or the error in it, begins. */
  #tokenAt = 0
  #depth = 0

  constructor(vm: LuaVm, L: Pointer, json: string, settings: CjsonSettings) {
    this.#vm = vm
    this.#L = L
    // As in C, a NUL ends the text; one that is always there saves asking for the end.
    this.#json = `${json}\0`
    this.#settings = settings
  }

  /** Pushes the whole text as one value. */
  parse(): void {
    this.#push(this.#next())
    const last = this.#next()
    if (last.kind !== 'T_END') this.#fail('the end', last)
  }

  #push(token: Token): void {
    const { api } = this.#vm
    const L = this.#L
    switch (token.kind) {
      case 'T_STRING':
        this.#vm.pushString(L, token.text)
        break
      case 'T_NUMBER':
        api.lua_pushnumber(L, token.value)
        if (token.isNegativeNan) this.#vm.i32[(this.#vm.top(L) + 4) >> 2]! |= 1 << 31
        break
      case 'T_BOOLEAN':
        api.lua_pushboolean(L, token.value ? 1 : 0)
        break
      case 'T_NULL':
        api.lua_pushlightuserdata(L, 0)
        break
      case 'T_OBJ_BEGIN':
        this.#object()
        break
      case 'T_ARR_BEGIN':
        this.#array()
        break
      default:
        this.#fail('value', token)
    }
  }

  #object(): void {
    const { api } = this.#vm
    const L = this.#L
    this.#descend(3)
    api.lua_createtable(L, 0, 0)
    let token = this.#next()
    while (token.kind !== 'T_OBJ_END') {
      if (token.kind !== 'T_STRING') this.#fail('object key string', token)
      this.#vm.pushString(L, token.text)
      token = this.#next()
      if (token.kind !== 'T_COLON') this.#fail('colon', token)
      this.#push(this.#next())
      api.lua_rawset(L, -3)
      token = this.#next()
      if (token.kind === 'T_OBJ_END') break
      if (token.kind !== 'T_COMMA') this.#fail('comma or object end', token)
      token = this.#next()
      // Only the first token may end the object: a comma asks for another key.
      if (token.kind === 'T_OBJ_END') this.#fail('object key string', token)
    }
    this.#depth--
  }

  #array(): void {
    const { api } = this.#vm
    const L = this.#L
    this.#descend(2)
    api.lua_createtable(L, 0, 0)
    let token = this.#next()
    for (let i = 1; token.kind !== 'T_ARR_END'; i++) {
      this.#push(token)
      api.lua_rawseti(L, -2, i)
      token = this.#next()
      if (token.kind === 'T_ARR_END') break
      if (token.kind !== 'T_COMMA') this.#fail('comma or array end', token)
      token = this.#next()
      if (token.kind === 'T_ARR_END') this.#fail('value', token)
    }
    this.#depth--
  }

  #descend(slots: number): void {
    this.#depth++
    if (this.#depth <= this.#settings.decodeDepthMax && this.#vm.api.lua_checkstack(this.#L, slots) !== 0) return
    this.#vm.raise(this.#L, `Found too many nested data structures (${this.#depth}) at character ${this.#at}`)
  }

  #fail(expected: string, token: Token): never {
    const found = token.kind === 'T_ERROR' ? token.reason : token.kind
    return this.#vm.raise(this.#L, `Expected ${expected} but found ${found} at character ${this.#tokenAt + 1}`)
  }

  #error(reason: string): Token {
    this.#tokenAt = this.#at
    return { kind: 'T_ERROR', reason }
  }

  #next(): Token {
    const json = this.#json
    while (' \t\n\r'.includes(json[this.#at]!)) this.#at++
    this.#tokenAt = this.#at
    const char = json[this.#at]!
    const single = SINGLE[char]
    if (single !== undefined) {
      if (single.kind !== 'T_END') this.#at++
      return single
    }
    if (char === '"') return this.#string()
    if (char === '-' || (char >= '0' && char <= '9')) {
      if (!this.#settings.decodeInvalidNumbers && this.#isInvalidNumber()) return this.#error('invalid number')
      return this.#number()
    }
    if (this.#skip('true')) return { kind: 'T_BOOLEAN', value: true }
    if (this.#skip('false')) return { kind: 'T_BOOLEAN', value: false }
    if (this.#skip('null')) return { kind: 'T_NULL' }
    if ('fiInNt+'.includes(char) && this.#settings.decodeInvalidNumbers && this.#isInvalidNumber())
      return this.#number()
    return this.#error('invalid token')
  }

  #skip(word: string): boolean {
    if (!this.#json.startsWith(word, this.#at)) return false
    this.#at += word.length
    return true
  }

  #isInvalidNumber(): boolean {
    INVALID_NUMBER.lastIndex = this.#at
    return INVALID_NUMBER.test(this.#json)
  }

  #number(): Token {
    const { value, length, isNegative } = parseDoublePrefix(this.#json, this.#at)
    if (length === 0) return this.#error('invalid number')
    this.#at += length
    return { kind: 'T_NUMBER', value, isNegativeNan: isNegative && Number.isNaN(value) }
  }

  #string(): Token {
    const json = this.#json
    this.#at++
    let text = ''
    for (;;) {
      PLAIN_CHARS.lastIndex = this.#at
      text += PLAIN_CHARS.exec(json)![0]
      this.#at = PLAIN_CHARS.lastIndex
      const char = json[this.#at]!
      if (char === '"') break
      if (char === '\0') return this.#error('unexpected end of string')
      const next = json[this.#at + 1]!
      if (next === 'u') {
        const decoded = this.#unicode()
        if (decoded === null) return this.#error('invalid unicode escape code')
        text += decoded
      } else {
        const meant = ESCAPES[next]
        if (meant === undefined) return this.#error('invalid escape code')
        text += meant
        this.#at += 2
      }
    }
    this.#at++
    return { kind: 'T_STRING', text }
  }

  /** A `\uXXXX` or a pair of them as UTF-8; null, without moving on, when it is none. */
  #unicode(): string | null {
    const first = this.#codeUnit(this.#at + 2)
    if (first === null) return null
    if ((first & 0xf800) !== 0xd800) {
      this.#at += 6
      return utf8(first)
    }
    if ((first & 0x400) !== 0 || !this.#json.startsWith('\\u', this.#at + 6)) return null
    const second = this.#codeUnit(this.#at + 8)
    if (second === null || (second & 0xfc00) !== 0xdc00) return null
    this.#at += 12
    return utf8((((first & 0x3ff) << 10) | (second & 0x3ff)) + 0x10000)
  }

  #codeUnit(at: number): number | null {
    HEX_4.lastIndex = at
    const digits = HEX_4.exec(this.#json)
    return digits === null ? null : Number.parseInt(digits[0], 16)
  }
}

function utf8(point: number): string {
  if (point <= 0x7f) return String.fromCharCode(point)
  if (point <= 0x7ff) return String.fromCharCode(0xc0 | (point >> 6), 0x80 | (point & 63))
  const last = [0x80 | ((point >> 6) & 63), 0x80 | (point & 63)] as const
  if (point <= 0xffff) return String.fromCharCode(0xe0 | (point >> 12), ...last)
  return String.fromCharCode(0xf0 | (point >> 18), 0x80 | ((point >> 12) & 63), ...last)
}
