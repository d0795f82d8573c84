/**
 * A Lua VM set up as Redis sets up its own: libraries, sandbox, error handler; it loads scripts and runs them.
 *
 * The globals are filled in the order in which Redis fills them, so that `pairs` walks them and the libraries in the same
 * order. KEYS and ARGV are the only globals that change, and only here.
 *
 * Layout of the main stack between runs: the globals, 'KEYS', 'ARGV', the error handler, the names LuaToReply keeps.
 *
 * Source: eval.c (`scriptingInit`), script_lua.c (`luaRegisterRedisAPI`, `luaCallFunction`) of Redis 7.0
 */
import { assert } from '../../sim/assert.ts'
import { error, type Reply } from '../reply.ts'
import { baseFunctions } from './base-library.ts'
import { bitFunctions } from './bit.ts'
import { pushCjson } from './cjson.ts'
import { MSGPACK_METADATA, msgpackFunctions } from './cmsgpack.ts'
import { randomFunctions } from './drand48.ts'
import { LuaToReply, oneLine } from './lua-to-reply.ts'
import { GLOBALS, LuaVm, REGISTRY, STRING, TABLE } from './lua-vm.ts'
import { addFunctions, type LuaFunction, type Pointer, type WasmModule } from './lua-wasm.ts'
import { ReadonlyTables } from './readonly-tables.ts'
import { Arguments, installRedisApi, type RedisApi } from './redis-api.ts'
import { cText, grownArraySize, ReplyToLua } from './reply-to-lua.ts'
import type { ScriptRun } from './script-run.ts'
import { structFunctions } from './struct.ts'
import * as wide from './wide-integers.ts'

const MASK_LINE = 4
const MASK_COUNT = 8
const INSTRUCTIONS_PER_QUESTION = 10_000

const GLOBALS_INDEX = 1
const KEYS_INDEX = 2
const ARGV_INDEX = 3
const HANDLER_INDEX = 4

/** The globals of plain Lua that Redis keeps, in the order in which Lua sets them. */
const PLAIN_GLOBALS = [
  ...['_G', 'assert', 'collectgarbage', 'error', 'gcinfo', 'getmetatable', 'load', 'loadstring', 'next', 'pcall'],
  ...['rawequal', 'rawget', 'rawset', 'select', 'setmetatable', 'tonumber', 'tostring', 'type', 'unpack', 'xpcall'],
  ...['_VERSION', 'ipairs', 'pairs', 'coroutine', 'table', 'string', 'math', 'debug'],
]
const PROTECTED = ['coroutine', 'table', 'string', 'math', 'cjson', 'struct', 'cmsgpack', 'bit', 'redis']

/** Word for word the handler of Redis: it is a global, and a script can see what it does. */
const ERROR_HANDLER = `local dbg = debug
debug = nil
function __redis__err__handler(err)
  local i = dbg.getinfo(2,'nSl')
  if i and i.what == 'C' then
    i = dbg.getinfo(3,'nSl')
  end
  if type(err) ~= 'table' then
    err = {err='ERR ' .. tostring(err)}  end  if i then
    err['source'] = i.source
    err['line'] = i.currentline
  end  return err
end
`

export class Machine {
  readonly vm: LuaVm
  readonly #run: ScriptRun
  readonly #tables: ReadonlyTables
  readonly #arguments = new Arguments()
  readonly #api: RedisApi
  readonly #toReply: LuaToReply
  readonly #hook: number
  readonly #readError: number
  readonly #scriptName: Pointer
  #errorRead: { text: string; source: string | null; line: string | null } | null = null

  constructor(module: WasmModule, run: ScriptRun, options: { readonly isFresh: boolean }) {
    const vm = new LuaVm(module, options)
    const { api, main: L } = vm
    this.vm = vm
    this.#run = run
    this.#tables = new ReadonlyTables(vm)
    this.#scriptName = vm.name('@user_script')
    const replies = new ReplyToLua(vm)
    this.#hook = addFunctions(api, [(state) => this.#interrupt(state!, replies)], 'lua_Hook')[0]!
    const [panic, readError] = vm.addFunctions([
      () => {
        throw PANIC
      },
      (state) => this.#readErrorTable(state),
    ])
    api.lua_atpanic(L, panic!)
    this.#readError = readError!

    this.#fillGlobals(replies)
    this.#api = this.#installRedis(replies)
    this.#protect()
    for (const name of ['KEYS', 'ARGV']) vm.pushString(L, name)
    api.lua_pushvalue(L, GLOBALS_INDEX)
    api.lua_getfield(L, -1, vm.name('__redis__err__handler'))
    api.lua_remove(L, -2)
    assert(api.lua_gettop(L) === HANDLER_INDEX, 'the main stack is laid out as described')
    this.#toReply = new LuaToReply(vm, this.#tables)
    vm.freeze()
  }
}
