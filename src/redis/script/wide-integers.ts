/**
 * The library functions that take integers, as they are on Redis: with 64 bit integers behind them.
 *
 * In the WebAssembly build `long`, `size_t` and `lua_Integer` have 32 bits, so `string.format('%d', t)` of a timestamp
 * in milliseconds would print -2147483648. Arguments that do not fit are converted here, as C does it on Redis's
 * machine, before the library function sees them.
 *
 * Source: lstrlib.c, ltablib.c, lbaselib.c of Lua 5.1
 */
import { toInt32, toPosition } from './c-integers.ts'
import { NUMBER, STRING } from './lua-constants.ts'
import type { LuaVm } from './lua-vm.ts'
import type { LuaFunction, Pointer } from './lua-wasm.ts'
import { wideFormat } from './wide-format.ts'

type Originals = (name: string) => LuaFunction
type Functions = Readonly<Record<string, LuaFunction>>

const TWO_31 = 2 ** 31

/** Functions of `string`. */
export function stringFunctions(vm: LuaVm, original: Originals): Functions {
  return {
    ...convert(vm, original, { sub: [2, 3], byte: [2, 3], find: [3], match: [3] }, toPosition),
    ...convert(vm, original, { rep: [2], gsub: [4] }, toInt32),
    char: char(vm, original('char')),
    format: wideFormat(vm, original('format')),
  }
}

/** Functions of `table`; `insert` is the one to call in the end. */
export function tableFunctions(vm: LuaVm, original: Originals, insert: LuaFunction): Functions {
  return {
    ...convert(vm, original, { concat: [3, 4], remove: [2] }, toInt32),
    // Only `insert(t, position, value)` has an integer: in `insert(t, value)` the second argument is the value.
    insert: (L) => {
      if (vm.argument(L, 3) !== 0) narrow(vm, L, 2, toInt32)
      return insert(L)
    },
  }
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
