/**
 * The globals of a script: Lua's libraries as far as Redis keeps them, Redis's own, and the protection of all of them.
 *
 * Everything is set in the order in which Redis sets it, so that `pairs` walks the globals and the libraries in the same
 * order.
 *
 * Source: eval.c (`scriptingInit`), script_lua.c (`luaRegisterRedisAPI`) of Redis 7.0
 */
import { assert } from '../../sim/assert.ts'
import { baseFunctions } from './base-library.ts'
import { bitFunctions } from './bit.ts'
import { pushCjson } from './cjson.ts'
import { MSGPACK_METADATA, msgpackFunctions } from './cmsgpack.ts'
import { randomFunctions } from './drand48.ts'
import type { KnownStrings } from './known-strings.ts'
import { GLOBALS, NUMBER, REGISTRY, STRING } from './lua-constants.ts'
import type { LuaVm } from './lua-vm.ts'
import type { LuaFunction } from './lua-wasm.ts'
import { mathFunctions } from './math-functions.ts'
import { ReadonlyTables } from './readonly-tables.ts'
import { type ApiCaller, installRedisApi, type RedisApi } from './redis-api.ts'
import type { ReplyToLua } from './reply-to-lua.ts'
import type { ScriptRun } from './script-run.ts'
import { structFunctions } from './struct.ts'
import * as wide from './wide-integers.ts'

/** Where on the main stack the globals lie. */
export const GLOBALS_INDEX = 1

/** The globals of plain Lua, and those of them that Redis takes away. */
const PLAIN_GLOBALS = [
  ...['_G', 'assert', 'collectgarbage', 'dofile', 'error', 'gcinfo', 'getfenv', 'getmetatable', 'loadfile', 'load'],
  ...['loadstring', 'next', 'pcall', 'print', 'rawequal', 'rawget', 'rawset', 'select', 'setfenv', 'setmetatable'],
  ...['tonumber', 'tostring', 'type', 'unpack', 'xpcall', '_VERSION', 'ipairs', 'pairs', 'newproxy', 'coroutine'],
  ...['table', 'string', 'math', 'debug'],
]
const REMOVED_GLOBALS = ['dofile', 'getfenv', 'loadfile', 'print', 'setfenv', 'newproxy']

const LIBRARIES = ['coroutine', 'table', 'string', 'math', 'cjson', 'struct', 'cmsgpack', 'bit', 'redis']

/**
 * Makes an error a table that knows where it happened. As in Redis it is a global that a script can call, so its name, the
 * name of its chunk and the line that writes into the table are Redis's; the code is ours.
 */
const ERROR_HANDLER = `local getinfo = debug.getinfo
debug = nil
function __redis__err__handler(err)
  local place = getinfo(2, 'nSl')
  if place and place.what == 'C' then place = getinfo(3, 'nSl') end
  if type(err) ~= 'table' then
    err = {err = 'ERR ' .. tostring(err)}
  end
  if place then
    err.source = place.source
    err.line = place.currentline
  end
  return err
end`

export interface Libraries {
  readonly tables: ReadonlyTables
  readonly redis: RedisApi
}

/** What a script of EVAL sees. Leaves the globals on the main stack, at GLOBALS_INDEX. */
export function installScriptLibraries(vm: LuaVm, run: ScriptRun, known: KnownStrings, replies: ReplyToLua): Libraries {
  const { api, main: L } = vm
  const installed = installLibraries(vm, run, known, replies, 'script')
  loadErrorHandler(vm, `${ERROR_HANDLER}\n`, 0)
  refuseUnknownFields(vm)
  for (const name of ['KEYS', 'ARGV']) {
    api.lua_createtable(L, 0, 0)
    api.lua_setfield(L, GLOBALS_INDEX, vm.name(name))
  }
  protect(vm, installed.tables)
  return installed
}

/** What a function of FUNCTION LOAD sees. Leaves the globals on the main stack, at GLOBALS_INDEX, and the error handler above. */
export function installFunctionLibraries(
  vm: LuaVm,
  run: ScriptRun,
  known: KnownStrings,
  replies: ReplyToLua,
): Libraries {
  const installed = installLibraries(vm, run, known, replies, 'function')
  const { api, main: L } = vm
  loadErrorHandler(
    vm,
    `${ERROR_HANDLER}\nlocal handler = __redis__err__handler __redis__err__handler = nil return handler`,
    1,
  )
  // It stays out of reach of the functions; `protect` wants the globals on top.
  const handler = api.luaL_ref(L, REGISTRY)
  refuseUnknownFields(vm)
  protect(vm, installed.tables)
  api.lua_rawgeti(L, REGISTRY, handler)
  return installed
}

function loadErrorHandler(vm: LuaVm, source: string, resultCount: number): void {
  const { api, main: L } = vm
  const loaded = api.luaL_loadbuffer(L, vm.temporary(L, source), source.length, vm.name('@err_handler_def'))
  assert(loaded === 0 && api.lua_pcall(L, 0, resultCount, 0) === 0, 'the error handler compiles and runs')
}

/** The libraries themselves, for scripts or for functions. */
function installLibraries(
  vm: LuaVm,
  run: ScriptRun,
  known: KnownStrings,
  replies: ReplyToLua,
  caller: ApiCaller,
): Libraries {
  const { api, main: L } = vm
  const tables = new ReadonlyTables(vm)
  const original = (name: string): LuaFunction => vm.original(name)

  api.luaopen_base(L)
  api.luaopen_table(L)
  api.luaopen_string(L)
  api.luaopen_math(L)
  api.luaopen_debug(L)
  api.lua_settop(L, 0)

  // A table of two slots, as the globals of a new state are, and grown as they grow.
  api.lua_createtable(L, 0, 2)
  for (const name of PLAIN_GLOBALS) {
    if (name === '_G') api.lua_pushvalue(L, GLOBALS_INDEX)
    else api.lua_getfield(L, GLOBALS, vm.name(name))
    api.lua_setfield(L, GLOBALS_INDEX, vm.name(name))
    if (!REMOVED_GLOBALS.includes(name)) continue
    // In Redis too the name stays behind, without a value, and takes part in how the table grows.
    api.lua_pushnil(L)
    api.lua_setfield(L, GLOBALS_INDEX, vm.name(name))
  }

  /** Runs `fill` with a global table on top of the stack. */
  const within = (name: string, fill: () => void): void => {
    api.lua_getfield(L, GLOBALS_INDEX, vm.name(name))
    fill()
    api.lua_settop(L, GLOBALS_INDEX)
  }
  /** Sets a new global table that `fill` has filled. */
  const create = (name: string, hashSize: number, fill: () => void): void => {
    api.lua_createtable(L, 0, hashSize)
    fill()
    api.lua_setfield(L, GLOBALS_INDEX, vm.name(name))
  }

  let formatRef = 0
  within('string', () => {
    api.lua_getfield(L, -1, vm.name('format'))
    formatRef = api.luaL_ref(L, REGISTRY)
    vm.setFunctions(wide.stringFunctions(vm, original))
  })
  within('table', () => {
    const careful = tables.tableFunctions(original)
    vm.setFunctions({ ...careful, ...wide.tableFunctions(vm, original, careful.insert!) })
  })
  within('math', () => {
    vm.setFunctions({ ...randomFunctions(vm, () => run.random), ...mathFunctions(vm, original) })
  })
  vm.setFunctions({ ...baseFunctions(vm, tables, original), ...wide.baseFunctions(vm, original) })

  pushCjson(vm, tables, run, formatRef)
  api.lua_setfield(L, GLOBALS_INDEX, vm.name('cjson'))
  const struct = structFunctions(vm)
  create('struct', Object.keys(struct).length, () => vm.setFunctions(struct))
  create('cmsgpack', 0, () => {
    vm.setFunctions(msgpackFunctions(vm, tables))
    for (const [name, text] of Object.entries(MSGPACK_METADATA)) {
      vm.pushString(L, text)
      api.lua_setfield(L, -2, vm.name(name))
    }
  })
  const bit = bitFunctions(vm)
  create('bit', Object.keys(bit).length, () => vm.setFunctions(bit))
  let redis: RedisApi | undefined
  create('redis', 0, () => {
    redis = installRedisApi(vm, run, known, replies, caller)
  })
  assert(redis !== undefined, 'the redis table is made')

  api.lua_pushvalue(L, GLOBALS_INDEX)
  api.lua_replace(L, GLOBALS)
  return { tables, redis }
}

/** Reading a field that does not exist of the table on top of the main stack is an error. */
export function refuseUnknownFields(vm: LuaVm): void {
  const { api, main: L } = vm
  api.lua_createtable(L, 0, 0)
  vm.setFunctions({
    __index: (state) => {
      if (api.lua_gettop(state) !== 2) vm.raise(state, 'Wrong number of arguments to luaProtectedTableError')
      const at = vm.argument(state, 2)
      const type = vm.typeAt(at)
      if (type !== STRING && type !== NUMBER)
        vm.raise(state, 'Second argument to luaProtectedTableError must be a string or number')
      api.lua_tolstring(state, 2, 0)
      return vm.raise(
        state,
        `Script attempted to access nonexistent global variable '${vm.stringAt(at).split('\0')[0]}'`,
      )
    },
  })
  api.lua_setmetatable(L, -2)
}

/** From here on a script holds proxies of everything that must not change. */
function protect(vm: LuaVm, tables: ReadonlyTables): void {
  const { api, main: L } = vm
  for (const name of LIBRARIES) {
    api.lua_getfield(L, GLOBALS_INDEX, vm.name(name))
    tables.protect()
    api.lua_setfield(L, GLOBALS_INDEX, vm.name(name))
  }
  // The metatable of strings, through which s:rep(3) finds the library.
  vm.pushString(L, '')
  api.lua_getmetatable(L, -1)
  api.lua_getfield(L, GLOBALS_INDEX, vm.name('string'))
  api.lua_setfield(L, -2, vm.name('__index'))
  tables.protect()
  api.lua_settop(L, GLOBALS_INDEX)
  api.lua_getmetatable(L, GLOBALS_INDEX)
  tables.protect()
  api.lua_settop(L, GLOBALS_INDEX)
  api.lua_pushvalue(L, GLOBALS_INDEX)
  tables.protect()
  api.lua_pushvalue(L, -1)
  api.lua_setfield(L, GLOBALS_INDEX, vm.name('_G'))
  api.lua_replace(L, GLOBALS)
}
