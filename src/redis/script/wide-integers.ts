/**
 * The library functions that take integers, as they are on Redis: with 64 bit integers behind them.
 *
 * In the WebAssembly build `long`, `size_t` and `lua_Integer` have 32 bits, so `string.format('%d', t)` of a timestamp
 * in milliseconds would print -2147483648. Arguments that do not fit are converted here, as C does it on Redis's
 * machine, before the library function sees them; `string.format` gets the digits as a string.
 *
 * Source: lstrlib.c, ltablib.c, lbaselib.c of Lua 5.1
 */
import { toInt32, toInt64, toPosition, toUint64 } from './c-integers.ts'
import { type LuaVm, NUMBER, STRING } from './lua-vm.ts'
import type { LuaFunction, Pointer } from './lua-wasm.ts'

type Originals = (name: string) => LuaFunction
type Functions = Readonly<Record<string, LuaFunction>>

const TWO_31 = 2 ** 31

/** `%` flags width .precision conversion, as far as Lua 5.1 accepts it. */
const DIRECTIVE = /%(?:%|([-+ #0]{0,5})(\d{0,2})(\.\d{0,2})?([cdiouxXeEfgGqs]))/y

/** Functions of `string`. */
export function stringFunctions(vm: LuaVm, original: Originals): Functions {
  return {
    ...convert(vm, original, { sub: [2, 3], byte: [2, 3], find: [3], match: [3] }, toPosition),
    ...convert(vm, original, { rep: [2], gsub: [4] }, toInt32),
    char: char(vm, original('char')),
    format: format(vm, original('format')),
  }
}

/** Functions of `table`; `insert` takes its position through a function of its own. */
export function tableFunctions(vm: LuaVm, original: Originals, insert: LuaFunction): Functions {
  return {
    ...convert(vm, original, { concat: [3, 4], remove: [2] }, toInt32),
    ...convert(vm, () => insert, { insert: [2] }, toInt32),
  }
}

/** Functions of `math`. */
export function mathFunctions(vm: LuaVm, original: Originals): Functions {
  return convert(vm, original, { ldexp: [2] }, toInt32)
}

/** Functions of the base library. */
export function baseFunctions(vm: LuaVm, original: Originals): Functions {
  return {
    ...convert(vm, original, { select: [1], error: [2] }, toInt32),
    unpack: unpack(vm, original('unpack')),
    tonumber: tonumber(vm, original('tonumber')),
  }
}

/** The functions with these numbers of their arguments converted. */
function convert(
  vm: LuaVm,
  original: Originals,
  functions: Readonly<Record<string, readonly number[]>>,
  conversion: (value: number) => number,
): Functions {
  return Object.fromEntries(
    Object.entries(functions).map(([name, [first, second]]) => {
      const plain = original(name)
      const one: LuaFunction = (L) => {
        narrow(vm, L, first!, conversion)
        return plain(L)
      }
      const two: LuaFunction = (L) => {
        narrow(vm, L, first!, conversion)
        narrow(vm, L, second!, conversion)
        return plain(L)
      }
      return [name, second === undefined ? one : two]
    }),
  )
}

/** Replaces an argument that does not fit into 32 bits. */
function narrow(vm: LuaVm, L: Pointer, n: number, conversion: (value: number) => number): void {
  const at = vm.argument(L, n)
  const type = vm.typeAt(at)
  if (type === NUMBER) {
    const value = vm.numberAt(at)
    // Written so that NaN is replaced too.
    if (!(Math.abs(value) < TWO_31)) vm.f64[at >> 3] = conversion(value)
  } else if (type === STRING && vm.api.lua_isnumber(L, n) !== 0) {
    const value = vm.api.lua_tonumber(L, n)
    if (Math.abs(value) < TWO_31) return
    vm.api.lua_pushnumber(L, conversion(value))
    vm.api.lua_replace(L, n)
  }
}

function char(vm: LuaVm, plain: LuaFunction): LuaFunction {
  return (L) => {
    for (let n = vm.api.lua_gettop(L); n > 0; n--) narrow(vm, L, n, toInt32)
    return plain(L)
  }
}

/** The number of results overflows an int, and the module would then write behind the end of the stack. */
function unpack(vm: LuaVm, plain: LuaFunction): LuaFunction {
  return (L) => {
    narrow(vm, L, 2, toInt32)
    narrow(vm, L, 3, toInt32)
    const first = vm.isNoneOrNil(L, 2) ? 1 : vm.api.lua_tonumber(L, 2)
    if (vm.api.lua_tonumber(L, 3) - first >= TWO_31 - 1) vm.raise(L, 'too many results to unpack')
    return plain(L)
  }
}

/** `tonumber(text, base)`: C's strtoul with 64 bits. */
function tonumber(vm: LuaVm, plain: LuaFunction): LuaFunction {
  return (L) => {
    if (vm.isNoneOrNil(L, 2)) return plain(L)
    const base = vm.checkInt(L, 2)
    if (base === 10) return plain(L)
    const text = vm.checkString(L, 1)
    if (base < 2 || base > 36) vm.argumentError(L, 2, 'base out of range')
    const value = parseUnsigned(text, base)
    if (value === null) vm.api.lua_pushnil(L)
    else vm.api.lua_pushnumber(L, value)
    return 1
  }
}

/** The whole text (up to a NUL, around spaces) as an unsigned 64 bit integer: a sign negates it modulo 2^64. */
function parseUnsigned(text: string, base: number): number | null {
  const [, sign, prefix, digits] =
    /^[ \t-\r]*([+-]?)(0[xX](?=[0-9a-fA-F]))?([0-9a-zA-Z]*)[ \t-\r]*(?:\0|$)/.exec(text) ?? []
  if (digits === undefined) return null
  // The prefix is for base 16 only; in base 36 it is digits like others.
  const figures = prefix !== undefined && base !== 16 ? prefix + digits : digits
  if (figures === '') return null
  let value = 0n
  for (const figure of figures) {
    const digit = Number.parseInt(figure, 36)
    if (digit >= base) return null
    value = value * BigInt(base) + BigInt(digit)
  }
  if (value >= 2n ** 64n) return Number(2n ** 64n - 1n)
  return Number(sign === '-' ? BigInt.asUintN(64, -value) : value)
}

/** `string.format` with 64 bit integers for %d %i %u %o %x %X. */
function format(vm: LuaVm, plain: LuaFunction): LuaFunction {
  return (L) => {
    for (let n = vm.api.lua_gettop(L); n > 1; n--) {
      if (mayBeWide(vm, vm.argument(L, n))) {
        expandWide(vm, L)
        break
      }
    }
    return plain(L)
  }
}

/** Whether 32 bits may not do for this argument; a negative number counts, because %u and %x print it with 64 bits. */
function mayBeWide(vm: LuaVm, at: Pointer): boolean {
  const type = vm.typeAt(at)
  if (type === NUMBER) return !(vm.numberAt(at) >= 0 && vm.numberAt(at) < TWO_31)
  return type === STRING && vm.u8[vm.objectAt(at) + 16]! <= 0x39
}

/** Replaces the arguments of integer directives by their text, and those directives by `%s`. */
function expandWide(vm: LuaVm, L: Pointer): void {
  if (vm.typeAt(vm.argument(L, 1)) !== STRING) return
  const pattern = vm.stringAt(vm.argument(L, 1))
  let expanded = ''
  let done = 0
  let argument = 1
  for (let percent = pattern.indexOf('%'); percent !== -1; percent = pattern.indexOf('%', DIRECTIVE.lastIndex)) {
    DIRECTIVE.lastIndex = percent
    const directive = DIRECTIVE.exec(pattern)
    // Lua raises the error when it comes to this directive; what follows does not matter.
    if (directive === null) break
    const conversion = directive[4]
    if (conversion === undefined) continue
    argument++
    if (!'diouxX'.includes(conversion) || vm.api.lua_isnumber(L, argument) === 0) continue
    const value = vm.api.lua_tonumber(L, argument)
    if (value >= 0 && value < TWO_31) continue
    vm.pushString(L, integerText(value, directive as unknown as Directive))
    vm.api.lua_replace(L, argument)
    expanded += `${pattern.slice(done, percent)}%s`
    done = DIRECTIVE.lastIndex
  }
  if (done === 0) return
  vm.pushString(L, expanded + pattern.slice(done))
  vm.api.lua_replace(L, 1)
}

type Directive = readonly [
  all: string,
  flags: string,
  width: string,
  precision: string | undefined,
  conversion: 'd' | 'i' | 'o' | 'u' | 'x' | 'X',
]

/** What C's printf makes of a `long`. */
function integerText(value: number, [, flags, width, precision, conversion]: Directive): string {
  const isSigned = conversion === 'd' || conversion === 'i'
  const radix = conversion === 'o' ? 8 : conversion === 'x' || conversion === 'X' ? 16 : 10
  const { magnitude, isNegative } = isSigned
    ? signedDigits(value)
    : { magnitude: unsignedDigits(value, radix), isNegative: false }
  const isZero = magnitude === '0'
  let digits = magnitude.padStart(Number(precision?.slice(1) ?? '0'), '0')
  if (precision !== undefined && Number(precision.slice(1)) === 0 && isZero) digits = ''
  if (conversion === 'o' && flags.includes('#') && !digits.startsWith('0')) digits = `0${digits}`
  let prefix = ''
  if (isSigned) prefix = isNegative ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : ''
  else if (radix === 16 && flags.includes('#') && !isZero) prefix = '0x'
  if (flags === '' && width === '') return conversion === 'X' ? digits.toUpperCase() : prefix + digits
  const columns = Number(width)
  if (flags.includes('0') && !flags.includes('-') && precision === undefined)
    digits = digits.padStart(columns - prefix.length, '0')
  const text = prefix + digits
  const padded = flags.includes('-') ? text.padEnd(columns) : text.padStart(columns)
  return conversion === 'X' ? padded.toUpperCase() : padded
}

function signedDigits(value: number): { readonly magnitude: string; readonly isNegative: boolean } {
  if (Number.isSafeInteger(value)) return { magnitude: String(Math.abs(value)), isNegative: value < 0 }
  const integer = toInt64(value)
  return { magnitude: String(integer < 0n ? -integer : integer), isNegative: integer < 0n }
}

function unsignedDigits(value: number, radix: number): string {
  return (value >= 0 && Number.isSafeInteger(value) ? value : toUint64(value)).toString(radix)
}
