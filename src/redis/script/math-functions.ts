/**
 * The functions of `math` that answer differently in the WebAssembly build than on Redis's machine: the sign of "not a
 * number", the exponent of infinity, and which of two wrong arguments is named in the error.
 *
 * Does not model  the last digit of tan, atan2, sinh and cosh where the C library of the build rounds otherwise than glibc
 *                 (tan(1024), for one).
 *
 * Source: lmathlib.c of Lua 5.1; glibc 2.36 on x86-64, whose results the tests compare.
 */
import { cosine, sine } from '../trigonometry.ts'
import { toInt32 } from './c-integers.ts'
import type { LuaVm } from './lua-vm.ts'
import type { LuaFunction, Pointer } from './lua-wasm.ts'

type Originals = (name: string) => LuaFunction

/** Angles up to here are reduced without a loss. */
const NEAR_MAX = 2 ** 20

/** The upper half of a quiet NaN whose sign bit is clear: C prints it as `nan`, the other as `-nan`. */
const POSITIVE_NAN_HIGH = 0x7ff80000

export function mathFunctions(vm: LuaVm, original: Originals): Readonly<Record<string, LuaFunction>> {
  const isOutsideUnit = (x: number): boolean => Math.abs(x) > 1
  const isNegative = (x: number): boolean => x < 0
  const isNear = (x: number): boolean => Math.abs(x) < NEAR_MAX
  const isNotFinite = (x: number): boolean => !Number.isFinite(x)
  const positiveNan: LuaFunction = (L) => {
    vm.api.lua_pushnumber(L, Number.NaN)
    vm.i32[(vm.top(L) + 4) >> 2] = POSITIVE_NAN_HIGH
    return 1
  }
  const argument: LuaFunction = (L) => {
    vm.api.lua_pushvalue(L, 1)
    return 1
  }
  const argumentAndZero: LuaFunction = (L) => {
    vm.api.lua_pushvalue(L, 1)
    vm.api.lua_pushnumber(L, 0)
    return 2
  }
  return {
    sin: except(vm, isNear, (L) => push(vm, L, sine(vm.checkNumber(L, 1))), original('sin')),
    cos: except(vm, isNear, (L) => push(vm, L, cosine(vm.checkNumber(L, 1))), original('cos')),
    acos: except(vm, isOutsideUnit, positiveNan, original('acos')),
    asin: except(vm, isOutsideUnit, positiveNan, original('asin')),
    log10: except(vm, isNegative, positiveNan, original('log10')),
    cosh: except(vm, Number.isNaN, argument, original('cosh')),
    sinh: except(vm, Number.isNaN, argument, original('sinh')),
    frexp: except(vm, isNotFinite, argumentAndZero, original('frexp')),
    atan2: secondFirst(vm, original('atan2')),
    fmod: secondFirst(vm, original('fmod')),
    pow: secondFirst(vm, original('pow')),
    ldexp: ldexp(vm, original('ldexp')),
  }
}

function push(vm: LuaVm, L: Pointer, value: number): number {
  vm.api.lua_pushnumber(L, value)
  return 1
}

/** The plain function, except for numbers of which `isSpecial` is true. */
const except =
  (vm: LuaVm, isSpecial: (x: number) => boolean, special: LuaFunction, plain: LuaFunction): LuaFunction =>
  (L) =>
    isSpecial(vm.checkNumber(L, 1)) ? special(L) : plain(L)

/** C leaves open which argument of a call is evaluated first; the compiler of Redis takes the last. */
const secondFirst =
  (vm: LuaVm, plain: LuaFunction): LuaFunction =>
  (L) => {
    vm.checkNumber(L, 2)
    return plain(L)
  }

/** The exponent is an int: larger ones wrap around. */
const ldexp =
  (vm: LuaVm, plain: LuaFunction): LuaFunction =>
  (L) => {
    const exponent = vm.checkNumber(L, 2)
    if (Math.abs(exponent) < 2 ** 31) return plain(L)
    vm.checkNumber(L, 1)
    vm.api.lua_settop(L, 1)
    vm.api.lua_pushnumber(L, toInt32(exponent))
    return plain(L)
  }
