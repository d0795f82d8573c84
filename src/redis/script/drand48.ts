/**
 * `math.random` and `math.randomseed` as Redis has them: the 48 bit linear congruential generator of `drand48`, the same
 * on every machine.
 *
 * The state belongs to the server, not to the script: a fresh server begins with 0.39646477363839, and each script goes
 * on where the one before it stopped (Redis before 7 seeded every script with 0).
 *
 * Source: rand.c, script_lua.c (`redis_math_random`) of Redis 7.0
 */
import type { LuaVm } from './lua-vm.ts'
import type { LuaFunction } from './lua-wasm.ts'

/** The upper and the lower 24 of the 48 bits. */
export interface RandomState {
  hi: number
  lo: number
}

const TWO_24 = 2 ** 24
/** The multiplier 0x5DEECE66D in halves of 24 bits, and the increment. */
const MULTIPLIER_HI = 0x5de
const MULTIPLIER_LO = 0xece66d
const INCREMENT = 0xb
const INT32_MAX = 2147483647

/** What a server begins with. */
export const freshRandomState = (): RandomState => ({ hi: 0x1234ab, lo: 0xcd330e })

/** The next 31 bits. */
function next(state: RandomState): number {
  // Products of 24 bits are exact in a double.
  const low = MULTIPLIER_LO * state.lo + INCREMENT
  const high = MULTIPLIER_HI * state.lo + MULTIPLIER_LO * state.hi + Math.floor(low / TWO_24)
  state.lo = low % TWO_24
  state.hi = high % TWO_24
  return state.hi * 128 + (state.lo >>> 17)
}

/** Functions of `math`; `state` is that of the server whose script runs. */
export function randomFunctions(vm: LuaVm, state: () => RandomState): Readonly<Record<string, LuaFunction>> {
  const { api } = vm
  return {
    random: (L) => {
      const ratio = (next(state()) % INT32_MAX) / INT32_MAX
      const count = api.lua_gettop(L)
      if (count === 0) {
        api.lua_pushnumber(L, ratio)
        return 1
      }
      if (count > 2) vm.raise(L, 'wrong number of arguments')
      const lower = count === 1 ? 1 : vm.checkInt(L, 1)
      const upper = vm.checkInt(L, count)
      if (lower > upper) vm.argumentError(L, count, 'interval is empty')
      // The number of integers overflows as an int does in C.
      const size = count === 1 ? upper : (upper - lower + 1) | 0
      api.lua_pushnumber(L, Math.floor(ratio * size) + lower)
      return 1
    },
    randomseed: (L) => {
      const seed = vm.checkInt(L, 1)
      const bits = state()
      bits.hi = (seed >>> 8) & 0xffffff
      bits.lo = ((seed & 0xff) << 16) | 0x330e
      return 0
    },
  }
}
