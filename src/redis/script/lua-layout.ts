/**
 * Proves that values lie in memory as `lua-vm.ts` reads them: the layout of PUC Lua 5.1.5 on 32 bits. Another build of the
 * module fails here, before it answers anything wrong.
 *
 * Source: lobject.h, lstate.h of https://www.lua.org/source/5.1/
 */
import { assert } from '../../sim/assert.ts'
import { MASK_LINE, NUMBER, STRING } from './lua-constants.ts'
import type { LuaVm } from './lua-vm.ts'
import type { Pointer } from './lua-wasm.ts'

/** More than 32 characters, from where on plain Lua leaves some of them out of the hash. */
const TEXT = 'the hash of this text takes every one of its characters'

/** The address of the node that stands for an empty hash part. */
export function checkLayout(vm: LuaVm): Pointer {
  const { api, main: L } = vm
  api.lua_pushnumber(L, 1.5)
  vm.pushString(L, TEXT)
  api.lua_createtable(L, 2, 0)
  const [number, string] = [vm.argument(L, 1), vm.argument(L, 2)]
  const table = vm.objectAt(vm.argument(L, 3))
  assert(
    vm.typeAt(number) === NUMBER && vm.numberAt(number) === 1.5 && vm.typeAt(string) === STRING,
    'a TValue has its value in the first 8 bytes and its type behind',
  )
  assert(vm.stringAt(string) === TEXT, 'a TString has its length at 12 and its bytes at 16')
  assert(vm.i32[(vm.objectAt(string) + 8) >> 2] === hashOf(TEXT), 'the module came through withRedisStringHash')
  assert(vm.arraySize(table) === 2 && vm.u8[table + 7] === 0, 'a Table has lsizenode at 7 and sizearray at 28')
  api.lua_sethook(L, 1, MASK_LINE, 0)
  assert(vm.u8[L + 56] === MASK_LINE && vm.u8[L + 57] === 1, 'a lua_State has hookmask at 56 and allowhook at 57')
  api.lua_sethook(L, 0, 0, 0)
  api.lua_settop(L, 0)
  return vm.i32[(table + 16) >> 2]!
}

/** The hash of a string as Redis's Lua computes it. */
function hashOf(text: string): number {
  let hash = text.length
  for (let i = text.length - 1; i >= 0; i--) hash ^= ((hash << 5) + (hash >>> 2) + text.charCodeAt(i)) | 0
  return hash
}
