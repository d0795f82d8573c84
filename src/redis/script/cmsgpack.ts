/**
 * The `cmsgpack` library: MessagePack, lua-cmsgpack 0.4.0.
 *
 * Numbers without a fraction become integers, others the shortest float that holds them; a table with keys 1 to n becomes
 * an array, any other a map; what MessagePack has no type for, and tables nested deeper than 16, become nil.
 *
 * Source: https://github.com/msgpack/msgpack/blob/master/spec.md, lua_cmsgpack.c of Redis 7.0
 */
import { msgpackPack } from './cmsgpack-pack.ts'
import { msgpackUnpackers } from './cmsgpack-unpack.ts'
import type { LuaVm } from './lua-vm.ts'
import type { LuaFunction } from './lua-wasm.ts'
import type { ReadonlyTables } from './readonly-tables.ts'

/** The fields of the library, in the order in which Redis registers them. */
export const MSGPACK_METADATA = {
  _NAME: 'cmsgpack',
  _VERSION: 'lua-cmsgpack 0.4.0',
  _COPYRIGHT: 'Copyright (C) 2012, Salvatore Sanfilippo',
  _DESCRIPTION: 'MessagePack C implementation for Lua',
}

/** The functions, in the order in which Redis registers them. */
export function msgpackFunctions(vm: LuaVm, tables: ReadonlyTables): Readonly<Record<string, LuaFunction>> {
  return { pack: msgpackPack(vm, tables), ...msgpackUnpackers(vm) }
}
