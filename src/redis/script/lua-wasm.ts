/**
 * PUC Lua 5.1 as a WebAssembly module: its functions, its imports, and JavaScript functions that Lua can call.
 *
 * The module is `liblua5.1.wasm` of the npm package wasmoon-lua5.1, used without that package's JavaScript: our loader
 * is synchronous, and a call into the interpreter costs what a call into WebAssembly costs. Of the 27 functions the
 * module imports, five are needed; the others belong to `io` and `os`, which scripts do not have.
 *
 * Models          longjmp: `invoke_vii` runs a function and catches `LONGJMP`, which `_emscripten_throw_longjmp` throws.
 * Does not model  time, files, environment: a script cannot see anything of the machine it runs on.
 *
 * Source: https://www.lua.org/manual/5.1/manual.html#3 (the C API)
 */
import { assert } from '../../sim/assert.ts'

/** A compiled WebAssembly module (the folders that run in a browser compile without the DOM's types). */
export type WasmModule = object

interface WasmMemory {
  readonly buffer: ArrayBuffer
  grow(pages: number): number
}

interface WasmTable {
  readonly length: number
  get(index: number): (...args: number[]) => number
  set(index: number, value: unknown): void
  grow(count: number): number
}

declare const WebAssembly: {
  readonly Module: {
    new (bytes: Uint8Array): WasmModule
    imports(module: WasmModule): readonly { readonly module: string; readonly name: string }[]
  }
  readonly Instance: new (
    module: WasmModule,
    imports: Record<string, Record<string, unknown>>,
  ) => { readonly exports: object }
}

/** `lua_State *`, or any other address in the module's memory. */
export type Pointer = number

/** A C function in JavaScript: takes the state, leaves its results on the stack and returns their number. */
export type LuaFunction = (L: Pointer) => number

/** What we use of Lua's C API. Strings are addresses of zero-terminated bytes. */
export interface LuaApi {
  readonly memory: WasmMemory
  readonly __indirect_function_table: WasmTable
  __wasm_call_ctors(): void
  emscripten_stack_get_base(): Pointer
  emscripten_stack_get_end(): Pointer
  stackSave(): Pointer
  stackRestore(at: Pointer): void
  setThrew(threw: number, value: number): void
  malloc(sizeBytes: number): Pointer
  free(at: Pointer): void
  luaL_newstate(): Pointer
  lua_atpanic(L: Pointer, f: number): number
  luaopen_base(L: Pointer): number
  luaopen_table(L: Pointer): number
  luaopen_string(L: Pointer): number
  luaopen_math(L: Pointer): number
  luaopen_debug(L: Pointer): number
  luaL_argerror(L: Pointer, argument: number, message: Pointer): number
  luaL_typerror(L: Pointer, argument: number, typeName: Pointer): number
  luaL_checkany(L: Pointer, argument: number): void
  luaL_checktype(L: Pointer, argument: number, type: number): void
  luaL_checknumber(L: Pointer, argument: number): number
  luaL_checklstring(L: Pointer, argument: number, lengthAt: Pointer): Pointer
  luaL_checkoption(L: Pointer, argument: number, fallback: Pointer, options: Pointer): number
  luaL_checkstack(L: Pointer, slots: number, message: Pointer): void
  luaL_getmetafield(L: Pointer, index: number, name: Pointer): number
  luaL_loadbuffer(L: Pointer, at: Pointer, sizeBytes: number, name: Pointer): number
  luaL_ref(L: Pointer, table: number): number
  luaL_where(L: Pointer, level: number): void
  lua_call(L: Pointer, argumentCount: number, resultCount: number): void
  lua_checkstack(L: Pointer, slots: number): number
  lua_concat(L: Pointer, count: number): void
  lua_createtable(L: Pointer, arraySize: number, hashSize: number): void
  lua_error(L: Pointer): number
  lua_getfield(L: Pointer, index: number, name: Pointer): void
  lua_getmetatable(L: Pointer, index: number): number
  lua_gettable(L: Pointer, index: number): void
  lua_gettop(L: Pointer): number
  lua_insert(L: Pointer, index: number): void
  lua_isnumber(L: Pointer, index: number): number
  lua_isstring(L: Pointer, index: number): number
  lua_next(L: Pointer, index: number): number
  lua_objlen(L: Pointer, index: number): number
  lua_pcall(L: Pointer, argumentCount: number, resultCount: number, handler: number): number
  lua_pushboolean(L: Pointer, value: number): void
  lua_pushcclosure(L: Pointer, f: number, upvalueCount: number): void
  lua_pushlightuserdata(L: Pointer, value: Pointer): void
  lua_pushlstring(L: Pointer, at: Pointer, sizeBytes: number): void
  lua_pushnil(L: Pointer): void
  lua_pushnumber(L: Pointer, value: number): void
  lua_pushstring(L: Pointer, at: Pointer): void
  lua_pushvalue(L: Pointer, index: number): void
  lua_rawget(L: Pointer, index: number): void
  lua_rawgeti(L: Pointer, index: number, key: number): void
  lua_rawset(L: Pointer, index: number): void
  lua_rawseti(L: Pointer, index: number, key: number): void
  lua_remove(L: Pointer, index: number): void
  lua_replace(L: Pointer, index: number): void
  lua_setfield(L: Pointer, index: number, name: Pointer): void
  lua_sethook(L: Pointer, hook: number, mask: number, count: number): number
  lua_setmetatable(L: Pointer, index: number): number
  lua_settable(L: Pointer, index: number): void
  lua_settop(L: Pointer, top: number): void
  lua_toboolean(L: Pointer, index: number): number
  lua_tocfunction(L: Pointer, index: number): number
  lua_tolstring(L: Pointer, index: number, lengthAt: Pointer): Pointer
  lua_tonumber(L: Pointer, index: number): number
  lua_topointer(L: Pointer, index: number): Pointer
  lua_type(L: Pointer, index: number): number
  lua_typename(L: Pointer, type: number): Pointer
}

/** What a running C function throws to leave all frames up to the innermost protected call. */
const LONGJMP = Symbol('longjmp')

/** The interpreter ended itself (`exit`, a panic): an error outside every protected call. */
export const PANIC = Symbol('panic')

/** Instructions of `luaS_newlstr` that choose how many characters of a long string are hashed: `(length >> 5) + 1`. */
const HASH_STEP = [0x41, 0x05, 0x76, 0x22, null, 0x4b, 0x04, 0x40, 0x20, null, 0x41, 0x01, 0x6b]

/**
 * The module as Redis builds Lua: every character of a string is hashed, not every second one of 32, every third of 64…
 * The hash decides the order of `pairs`, so without this a table with long keys (ids, tokens) is walked in another order
 * than on Redis. One constant changes: `length >> 5` becomes `length >> 31`, which is 0.
 */
export function withRedisStringHash(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const places: number[] = []
  for (let shift = bytes.indexOf(0x76); shift !== -1; shift = bytes.indexOf(0x76, shift + 1)) {
    const at = shift - HASH_STEP.indexOf(0x76)
    if (HASH_STEP.every((byte, offset) => byte === null || bytes[at + offset] === byte)) places.push(at)
  }
  assert(places.length === 1, 'liblua5.1.wasm computes the hash of a string in exactly one place')
  const changed = new Uint8Array(bytes)
  changed[places[0]! + 1] = 31
  return changed
}

/** Compiles the module; synchronous, so in a browser's main thread use `WebAssembly.compile(withRedisStringHash(bytes))`. */
export function compileLua(bytes: Uint8Array): WasmModule {
  return new WebAssembly.Module(withRedisStringHash(bytes))
}

/** A new instance: 16 MiB of memory, without a Lua state yet. `grow` answers whether the memory now has that many bytes. */
export function instantiateLua(module: WasmModule, grow: (sizeBytes: number) => boolean): LuaApi {
  const imports: Record<string, Record<string, unknown>> = {}
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    imports[from] ??= {}
    imports[from][name] = unavailable
  }
  const functions: ((a: number, b: number) => void)[] = []
  const env = imports.env!
  env.invoke_vii = (index: number, a: number, b: number): void => {
    const stack = api.stackSave()
    try {
      functions[index] ??= api.__indirect_function_table.get(index)
      functions[index](a, b)
    } catch (thrown) {
      if (thrown !== LONGJMP) throw thrown
      api.stackRestore(stack)
      api.setThrew(1, 0)
    }
  }
  env._emscripten_throw_longjmp = (): never => {
    throw LONGJMP
  }
  env.emscripten_memcpy_js = (to: number, from: number, sizeBytes: number): void => {
    new Uint8Array(api.memory.buffer).copyWithin(to, from, from + sizeBytes)
  }
  env.emscripten_resize_heap = (sizeBytes: number): number => (grow(sizeBytes >>> 0) ? 1 : 0)
  env.exit = (): never => {
    throw PANIC
  }
  const api = new WebAssembly.Instance(module, imports).exports as LuaApi
  api.__wasm_call_ctors()
  return api
}

/** The rest of the world. Nothing a script can call leads here; the start of the module asks for the environment: it is empty. */
const unavailable = (): number => 0

/** Puts JavaScript functions into the module's function table and returns their indexes, which are C function pointers. */
export function addFunctions(
  api: LuaApi,
  functions: readonly ((...args: number[]) => number | undefined)[],
  signature: 'lua_CFunction' | 'lua_Hook',
): readonly number[] {
  const table = api.__indirect_function_table
  const first = table.grow(functions.length)
  const exports = new WebAssembly.Instance(shim(functions.length, signature), { f: { ...functions } }).exports
  return functions.map((_, index) => {
    table.set(first + index, (exports as Record<string, unknown>)[index])
    return first + index
  })
}

/** The bytes of a module that does nothing but export what it imports: the way to give JavaScript functions a C type. */
function shim(count: number, signature: 'lua_CFunction' | 'lua_Hook'): WasmModule {
  const type = signature === 'lua_CFunction' ? [1, 0x60, 1, 0x7f, 1, 0x7f] : [1, 0x60, 2, 0x7f, 0x7f, 0]
  const names = Array.from({ length: count }, (_, index) => bytesOf(String(index)))
  const imported = names.flatMap((name) => [...bytesOf('f'), ...name, 0, 0])
  const exported = names.flatMap((name, index) => [...name, 0, ...unsigned(index)])
  return new WebAssembly.Module(
    new Uint8Array([
      ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      ...section(1, type),
      ...section(2, [...unsigned(count), ...imported]),
      ...section(7, [...unsigned(count), ...exported]),
    ]),
  )
}

const section = (id: number, content: readonly number[]): number[] => [id, ...unsigned(content.length), ...content]

const bytesOf = (text: string): number[] => [...unsigned(text.length), ...[...text].map((char) => char.charCodeAt(0))]

/** LEB128. */
function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)]
}
