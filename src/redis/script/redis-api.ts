/**
 * The `redis` table of a script.
 *
 * Does not model  replication: `redis.set_repl` checks its argument and does nothing; the debugger: `redis.breakpoint` and
 * `redis.debug` behave as outside a debugging session.
 *
 * Source: https://redis.io/docs/latest/develop/interact/programmability/lua-api/, script_lua.c, eval.c of Redis 7.0
 */
import { isError } from '../reply.ts'
import type { KnownStrings } from './known-strings.ts'
import { NUMBER, REGISTRY, STRING } from './lua-constants.ts'
import { doubleText } from './lua-to-reply.ts'
import type { LuaVm } from './lua-vm.ts'
import type { LuaFunction, Pointer } from './lua-wasm.ts'
import { cText, type ReplyToLua } from './reply-to-lua.ts'
import type { ScriptRun } from './script-run.ts'
import { sha1 } from './sha1.ts'

const VERSION = '7.0.15'
const VERSION_NUMBER = 0x0007000f
const LOG_LEVELS = ['LOG_DEBUG', 'LOG_VERBOSE', 'LOG_NOTICE', 'LOG_WARNING']
const REPL_AOF = 1
const REPL_REPLICA = 2

/** How many different command names are kept; a name a script computes is not worth more. */
const NAMES_MAX = 1000

type Fail = (state: Pointer, message: string) => never

/** `redis.log` */
export function logFunction(vm: LuaVm, run: ScriptRun, fail: Fail): LuaFunction {
  const { api } = vm
  return (state) => {
    const count = api.lua_gettop(state)
    if (count < 2) fail(state, 'redis.log() requires two arguments or more.')
    if (api.lua_isnumber(state, 1) === 0) fail(state, 'First argument must be a number (log level).')
    const level = Math.trunc(api.lua_tonumber(state, 1))
    if (!(level >= 0 && level < LOG_LEVELS.length)) fail(state, 'Invalid debug level.')
    const words: string[] = []
    for (let n = 2; n <= count; n++) {
      if (api.lua_tolstring(state, n, 0) !== 0) words.push(vm.stringAt(vm.argument(state, n)))
    }
    run.log(level, words.join(' '))
    return 0
  }
}

/** The log levels and the version, as fields of the table on top of the main stack. */
export function installConstants(vm: LuaVm): void {
  const { api, main: L } = vm
  for (const [name, value] of [
    ...LOG_LEVELS.map((level, index) => [level, index] as const),
    ['REDIS_VERSION_NUM', VERSION_NUMBER] as const,
  ]) {
    api.lua_pushnumber(L, value)
    api.lua_setfield(L, -2, vm.name(name))
  }
  api.lua_pushstring(L, vm.name(VERSION))
  api.lua_setfield(L, -2, vm.name('REDIS_VERSION'))
}

/** Functions of FUNCTION LOAD have no debugger and nothing that only scripts ever had. */
export type ApiCaller = 'script' | 'function'

export interface RedisApi {
  /** What was kept of earlier scripts is gone, because the VM was thawed. */
  forget(): void
}

/** Sets the fields of the table on top of the main stack, in the order in which Redis registers them. */
export function installRedisApi(
  vm: LuaVm,
  run: ScriptRun,
  known: KnownStrings,
  replies: ReplyToLua,
  caller: ApiCaller,
): RedisApi {
  const { api } = vm
  const L = vm.main
  const okName = vm.name('ok')
  /** Command names by the address of their string, which a reference in the registry keeps alive. */
  const names = new Map<Pointer, string>()

  const number = (name: string, value: number): void => {
    api.lua_pushnumber(L, value)
    api.lua_setfield(L, -2, vm.name(name))
  }
  const fail = (state: Pointer, message: string): never => {
    replies.pushError(state, message)
    return vm.throwTop(state)
  }

  const commandName = (state: Pointer, at: Pointer): string => {
    const address = vm.objectAt(at)
    const name = names.get(address)
    if (name !== undefined) return name
    const text = vm.stringAt(at)
    if (names.size < NAMES_MAX) {
      api.lua_pushvalue(state, 1)
      api.luaL_ref(state, REGISTRY)
      names.set(address, text)
    }
    return text
  }

  /** The arguments as strings, or the error that one of them is. */
  const commandArguments = (state: Pointer): string[] | string => {
    const count = api.lua_gettop(state)
    if (count === 0) return 'Please specify at least one argument for this redis lib call'
    const args = new Array<string>(count)
    for (let n = 1; n <= count; n++) {
      const at = vm.argument(state, n)
      const type = vm.typeAt(at)
      if (type === STRING)
        args[n - 1] = known.find(vm.objectAt(at)) ?? (n === 1 ? commandName(state, at) : vm.stringAt(at))
      else if (type === NUMBER) args[n - 1] = doubleText(vm, at)
      else return 'Lua redis lib command arguments must be strings or integers'
    }
    return args
  }

  const call =
    (raises: boolean): LuaFunction =>
    (state) => {
      const args = commandArguments(state)
      if (typeof args === 'string') {
        replies.pushError(state, args)
        return raises ? vm.throwTop(state) : 1
      }
      const reply = run.call(args)
      api.lua_settop(state, 0)
      replies.push(state, reply, run.resp)
      if (raises && isError(reply)) vm.throwTop(state)
      return 1
    }

  /** A table with one field, for one argument that is a string. */
  const textTable =
    (push: (state: Pointer, text: string) => void): LuaFunction =>
    (state) => {
      const at = vm.argument(state, 1)
      if (api.lua_gettop(state) !== 1 || vm.typeAt(at) !== STRING)
        replies.pushError(state, 'wrong number or type of arguments')
      else push(state, vm.stringAt(at))
      return 1
    }

  vm.setFunctions({
    call: call(true),
    pcall: call(false),
    log: logFunction(vm, run, fail),
  })
  installConstants(vm)
  vm.setFunctions({
    setresp: (state) => {
      if (api.lua_gettop(state) !== 1) fail(state, 'redis.setresp() requires one argument.')
      const version = Math.trunc(api.lua_tonumber(state, 1))
      if (version !== 2 && version !== 3) return fail(state, 'RESP version must be 2 or 3.')
      run.setResp(version)
      return 0
    },
    sha1hex: (state) => {
      if (api.lua_gettop(state) !== 1) fail(state, 'wrong number of arguments')
      const isText = api.lua_tolstring(state, 1, 0) !== 0
      vm.pushString(state, sha1(isText ? vm.stringAt(vm.argument(state, 1)) : ''))
      return 1
    },
    error_reply: textTable((state, text) => {
      const message = cText(text)
      replies.pushError(state, message.startsWith('-') ? message : `-${message}`)
    }),
    status_reply: textTable((state) => {
      api.lua_createtable(state, 0, 0)
      api.lua_pushvalue(state, 1)
      api.lua_setfield(state, -2, okName)
    }),
    set_repl: (state) => {
      if (api.lua_gettop(state) !== 1) fail(state, 'redis.set_repl() requires two arguments.')
      const flags = Math.trunc(api.lua_tonumber(state, 1))
      if (!(flags >= 0 && flags <= (REPL_AOF | REPL_REPLICA)))
        fail(state, 'Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE.')
      return 0
    },
  })
  number('REPL_NONE', 0)
  number('REPL_AOF', REPL_AOF)
  number('REPL_SLAVE', REPL_REPLICA)
  number('REPL_REPLICA', REPL_REPLICA)
  number('REPL_ALL', REPL_AOF | REPL_REPLICA)
  vm.setFunctions({
    acl_check_cmd: (state) => {
      const args = commandArguments(state)
      if (typeof args === 'string') return fail(state, args)
      const may = run.mayCall(args)
      if (may === null) fail(state, 'Invalid command passed to redis.acl_check_cmd()')
      api.lua_pushboolean(state, may ? 1 : 0)
      return 1
    },
  })
  if (caller === 'function') return { forget: () => names.clear() }
  vm.setFunctions({
    breakpoint: (state) => {
      api.lua_pushboolean(state, 0)
      return 1
    },
    debug: () => 0,
    replicate_commands: (state) => {
      api.lua_pushboolean(state, 1)
      return 1
    },
  })

  return { forget: () => names.clear() }
}
