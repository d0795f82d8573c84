/**
 * `string.format` with 64 bit integers: what does not fit into 32 bits is printed here and handed over as a string.
 *
 * Source: lstrlib.c of Lua 5.1, ISO C 7.21.6.1
 */
import { toInt64, toUint64 } from './c-integers.ts'
import { NUMBER, STRING } from './lua-constants.ts'
import type { LuaVm } from './lua-vm.ts'
import type { LuaFunction, Pointer } from './lua-wasm.ts'

const TWO_31 = 2 ** 31

/** `%` flags width .precision conversion, as far as Lua 5.1 accepts it. */
const DIRECTIVE = /%(?:%|([-+ #0]{0,5})(\d{0,2})(\.\d{0,2})?([cdiouxXeEfgGqs]))/y

/** `string.format` with 64 bit integers for %d %i %u %o %x %X. */
export function wideFormat(vm: LuaVm, plain: LuaFunction): LuaFunction {
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
