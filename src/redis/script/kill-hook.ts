/**
 * The hook that ends a script: the host is asked each time a number of instructions has run.
 *
 * Source: script_lua.c (`luaMaskCountHook`) of Redis 7.0
 */
import { MASK_LINE } from './lua-constants.ts'
import type { LuaVm } from './lua-vm.ts'
import { addFunctions, type Pointer } from './lua-wasm.ts'
import type { ReplyToLua } from './reply-to-lua.ts'
import type { ScriptRun } from './script-run.ts'

export const INSTRUCTIONS_PER_QUESTION = 10_000

/** The hook as a C function, to be set with `lua_sethook`; `handler` is the one function that may go on after a kill. */
export function addKillHook(vm: LuaVm, run: ScriptRun, replies: ReplyToLua, handler: Pointer): number {
  const hook = (L: Pointer): undefined => {
    run.isKilled ||= run.shouldKill()
    // The error handler makes the reply.
    if (!run.isKilled || vm.runningFunction(L) === handler) return
    // From now on at every line, so that a pcall in a loop cannot go on.
    vm.api.lua_sethook(L, pointer, MASK_LINE, 0)
    replies.pushError(L, 'Script killed by user with SCRIPT KILL...')
    vm.throwTopFromHook(L)
  }
  const pointer = addFunctions(vm.api, [(L) => hook(L!)], 'lua_Hook')[0]!
  return pointer
}
