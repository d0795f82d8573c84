/**
 * The `bit` library: Lua BitOp 1.0.2, signed 32 bit results.
 *
 * Source: https://bitop.luajit.org/semantics.html, lua_bit.c of Redis 7.0
 */
import type { LuaVm } from './lua-vm.ts'
import type { LuaFunction, Pointer } from './lua-wasm.ts'

const HEX_DIGITS_MAX = 8
/** 2^52 + 2^51: added to a number, it leaves its integer part, rounded half to even, in the low bits of the double. */
const ROUNDING = 6755399441055744

/** The functions, in the order in which Redis registers them. */
export function bitFunctions(vm: LuaVm): Readonly<Record<string, LuaFunction>> {
  const { api } = vm
  const double = new Float64Array(1)
  const words = new Int32Array(double.buffer)
  const isLittleEndian = new Uint8Array(new Int16Array([1]).buffer)[0] === 1
  const lowWord = isLittleEndian ? 0 : 1
  const numberName = vm.name('number')

  const argument = (L: Pointer, n: number): number => {
    double[0] = api.lua_tonumber(L, n) + ROUNDING
    const bits = words[lowWord]!
    if (bits === 0 && api.lua_isnumber(L, n) === 0) api.luaL_typerror(L, n, numberName)
    return bits
  }
  const give = (L: Pointer, bits: number): number => {
    api.lua_pushnumber(L, bits | 0)
    return 1
  }
  const unary =
    (operation: (bits: number) => number): LuaFunction =>
    (L) =>
      give(L, operation(argument(L, 1)))
  const variadic =
    (operation: (left: number, right: number) => number): LuaFunction =>
    (L) => {
      let bits = argument(L, 1)
      for (let n = api.lua_gettop(L); n > 1; n--) bits = operation(bits, argument(L, n))
      return give(L, bits)
    }
  const shift =
    (operation: (bits: number, count: number) => number): LuaFunction =>
    (L) => {
      const bits = argument(L, 1)
      return give(L, operation(bits, argument(L, 2) & 31))
    }

  return {
    tobit: unary((bits) => bits),
    bnot: unary((bits) => ~bits),
    band: variadic((left, right) => left & right),
    bor: variadic((left, right) => left | right),
    bxor: variadic((left, right) => left ^ right),
    lshift: shift((bits, count) => bits << count),
    rshift: shift((bits, count) => bits >>> count),
    arshift: shift((bits, count) => bits >> count),
    rol: shift((bits, count) => (bits << count) | (bits >>> (32 - count))),
    ror: shift((bits, count) => (bits << (32 - count)) | (bits >>> count)),
    bswap: unary((bits) => (bits >>> 24) | ((bits >>> 8) & 0xff00) | ((bits & 0xff00) << 8) | (bits << 24)),
    tohex: (L) => {
      const bits = argument(L, 1)
      const wanted = vm.argument(L, 2) === 0 ? HEX_DIGITS_MAX : argument(L, 2)
      const count = Math.min(Math.abs(wanted), HEX_DIGITS_MAX)
      const digits = (bits >>> 0).toString(16).padStart(HEX_DIGITS_MAX, '0')
      const text = digits.slice(HEX_DIGITS_MAX - count)
      vm.pushString(L, wanted < 0 ? text.toUpperCase() : text)
      return 1
    },
  }
}
