/**
 * Numbers of Lua's C API.
 *
 * Source: lua.h of https://www.lua.org/source/5.1/
 */

/** What `lua_type` answers. */
export const NONE = -1
export const NIL = 0
export const BOOLEAN = 1
export const LIGHT_USERDATA = 2
export const NUMBER = 3
export const STRING = 4
export const TABLE = 5
export const FUNCTION = 6
export const THREAD = 8

/** Pseudo-indexes of the stack. */
export const REGISTRY = -10000
export const GLOBALS = -10002
/** The running C function's first upvalue. */
export const UPVALUE = -10003

/** When `lua_sethook` calls the hook. */
export const MASK_LINE = 4
export const MASK_COUNT = 8

/** For `lua_call` and `lua_pcall`: keep all results. */
export const MULTIPLE_RESULTS = -1

/** sizeof(TValue): a value in the first 8 bytes, its type behind. */
export const VALUE_BYTES = 16
