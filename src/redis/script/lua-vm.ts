/**
 * One Lua interpreter: an instance of the module, its main state, and the ways to read and write its values.
 *
 * Two ways lead into Lua. The C API (`vm.api`) does whatever may allocate, call or raise an error. The memory is read
 * directly where a script call would otherwise spend most of its time: arguments, strings, array parts. The layout read
 * here is that of PUC Lua 5.1.5 on 32 bits; `lua-layout.ts` checks it.
 *
 * A VM that has its libraries is frozen: its memory is copied once, and `thaw` brings it back to that moment, addresses
 * and all, in a few microseconds. Whatever a script did to it is gone.
 *
 * Invariants
 * - `u8`, `i32`, `f64` are replaced when the memory grows, so they must not be kept across a call into the API.
 * - The memory never grows beyond MEMORY_BYTES_MAX: Lua then raises "not enough memory".
 *
 * Source: lobject.h, lstate.h of https://www.lua.org/source/5.1/
 */
import { AssertionError, assert } from '../../sim/assert.ts'
import { toInt32 } from './c-integers.ts'
import { decodeLatin1 } from './latin1.ts'
import { NIL, NONE, NUMBER, STRING, TABLE, THREAD, VALUE_BYTES } from './lua-constants.ts'
import { checkLayout } from './lua-layout.ts'
import {
  addFunctions,
  instantiateLua,
  type LuaApi,
  type LuaFunction,
  type Pointer,
  type WasmModule,
} from './lua-wasm.ts'
import { VmImage } from './vm-image.ts'

/** Enough for any script worth running; a script that wants more gets "not enough memory". */
const MEMORY_BYTES_MAX = 64 * 1024 * 1024
const PAGE_BYTES = 65_536

/** Where strings pass on their way into Lua. A longer string gets more, given back after the run. */
const SCRATCH_BYTES = 65_536
/** Before the VM is frozen: short, because what lies behind it is copied at each thaw. */
const FIRST_SCRATCH_BYTES = 1024

/** sizeof(Node): the value, then the key's value and type, then the next node. */
const NODE_BYTES = 32
const NODE_KEY_TYPE_OFFSET = 24

/** Thrown through a script that is about to see what earlier scripts left behind: it starts again on a fresh VM. */
export const NEEDS_FRESH_VM = Symbol('needs a fresh VM')

export class LuaVm {
  readonly api: LuaApi
  /** The main state. */
  readonly main: Pointer
  /** Only one script runs on this VM before it is thawed again. */
  readonly isFresh: boolean
  u8!: Uint8Array
  i32!: Int32Array
  f64!: Float64Array
  readonly #emptyNode: Pointer
  readonly #names = new Map<string, Pointer>()
  /** All JavaScript functions go into the module's table at once: a module is made for that. */
  readonly #functions: LuaFunction[] = []
  readonly #firstFunction: number
  #scratch: Pointer
  #scratchBytes = FIRST_SCRATCH_BYTES
  #image: VmImage | null = null

  constructor(module: WasmModule, options: { readonly isFresh: boolean }) {
    this.isFresh = options.isFresh
    this.api = instantiateLua(module, (sizeBytes) => this.#grow(sizeBytes))
    this.#view()
    this.#firstFunction = this.api.__indirect_function_table.length
    this.#scratch = this.api.malloc(FIRST_SCRATCH_BYTES)
    this.main = this.api.luaL_newstate()
    this.#emptyNode = checkLayout(this)
  }

  #view(): void {
    const { buffer } = this.api.memory
    this.u8 = new Uint8Array(buffer)
    this.i32 = new Int32Array(buffer)
    this.f64 = new Float64Array(buffer)
  }

  #grow(sizeBytes: number): boolean {
    if (sizeBytes > MEMORY_BYTES_MAX) {
      // How much is left depends on what ran before, so only a fresh VM may say that it is not enough.
      if (this.#image !== null) this.needFresh()
      return false
    }
    // In steps of a quarter at least: each step makes new views.
    const wanted = Math.min(Math.max(sizeBytes, this.u8.length * 1.25), MEMORY_BYTES_MAX)
    const missing = Math.ceil((wanted - this.u8.length) / PAGE_BYTES)
    if (missing > 0) this.api.memory.grow(missing)
    this.#view()
    return true
  }

  /** Remembers this moment. Functions and names are registered before. */
  freeze(): void {
    const { api } = this
    addFunctions(api, this.#functions, 'lua_CFunction')
    // Longer than anything freed so far, so it lies behind everything else.
    const scratch = api.malloc(SCRATCH_BYTES)
    api.free(this.#scratch)
    this.#scratch = scratch
    this.#scratchBytes = SCRATCH_BYTES
    this.#image = new VmImage(api, { scratch, scratchBytes: SCRATCH_BYTES })
  }

  /** Back to the moment of `freeze`; false when the memory has grown since, and the VM has to be replaced. */
  thaw(): boolean {
    assert(this.#image !== null, 'a VM is frozen before it is thawed')
    this.#scratch = this.#image.scratch
    this.#scratchBytes = SCRATCH_BYTES
    return this.#image.restore(this.u8)
  }

  /** The running script is about to see something that depends on earlier scripts: an address, the garbage collector. */
  needFresh(): void {
    if (!this.isFresh) throw NEEDS_FRESH_VM
  }

  /** The same for a table that is about to be walked, if it has keys whose order depends on their addresses. */
  needFreshToWalk(table: Pointer): void {
    if (this.isFresh) return
    const node = this.i32[(table + 16) >> 2]!
    if (node === this.#emptyNode) return
    const end = node + (NODE_BYTES << this.u8[table + 7]!)
    for (let at = node + NODE_KEY_TYPE_OFFSET; at < end; at += NODE_BYTES) {
      const type = this.i32[at >> 2]!
      if (type >= TABLE && type <= THREAD) throw NEEDS_FRESH_VM
    }
  }

  // ---- values: `at` is the address of a TValue ----

  /** Where argument `n` (from 1) of the running function is, or 0 when it was not given. */
  argument(L: Pointer, n: number): Pointer {
    const at = this.i32[(L + 12) >> 2]! + (n - 1) * VALUE_BYTES
    return at < this.i32[(L + 8) >> 2]! ? at : 0
  }

  /** Where the value on top of the stack is. */
  top(L: Pointer): Pointer {
    return this.i32[(L + 8) >> 2]! - VALUE_BYTES
  }

  typeAt(at: Pointer): number {
    return at === 0 ? NONE : this.i32[(at + 8) >> 2]!
  }

  numberAt(at: Pointer): number {
    return this.f64[at >> 3]!
  }

  /** The sign bit, which for NaN is all that C prints besides "nan". */
  isNegativeAt(at: Pointer): boolean {
    return this.i32[(at + 4) >> 2]! < 0
  }

  /** The object a value refers to: the address of a TString, a Table… */
  objectAt(at: Pointer): Pointer {
    return this.i32[at >> 2]!
  }

  stringAt(at: Pointer): string {
    const string = this.i32[at >> 2]!
    return this.bytes(string + 16, this.i32[(string + 12) >> 2]!)
  }

  /** Memory as a latin-1 string. */
  bytes(at: Pointer, sizeBytes: number): string {
    return decodeLatin1(this.u8, at, sizeBytes)
  }

  /** Size of a table's array part, and where element `n` (from 1) of it is. */
  arraySize(table: Pointer): number {
    return this.i32[(table + 28) >> 2]!
  }

  arrayElement(table: Pointer, n: number): Pointer {
    return this.i32[(table + 12) >> 2]! + (n - 1) * VALUE_BYTES
  }

  /** Whether a table has nothing outside its array part. */
  hasNoHashPart(table: Pointer): boolean {
    return this.i32[(table + 16) >> 2] === this.#emptyNode
  }

  // ---- into Lua ----

  /** Pushes a latin-1 string. */
  pushString(L: Pointer, text: string): void {
    const { length } = text
    if (length > this.#scratchBytes) this.#needScratch(L, length)
    const { u8 } = this
    const at = this.#scratch
    for (let i = 0; i < length; i++) u8[at + i] = text.charCodeAt(i)
    this.api.lua_pushlstring(L, at, length)
  }

  /** A zero-terminated string that is gone with the next one, or with the next `pushString`. */
  temporary(L: Pointer, text: string): Pointer {
    if (text.length >= this.#scratchBytes) this.#needScratch(L, text.length + 1)
    for (let i = 0; i < text.length; i++) this.u8[this.#scratch + i] = text.charCodeAt(i)
    this.u8[this.#scratch + text.length] = 0
    return this.#scratch
  }

  #needScratch(L: Pointer, sizeBytes: number): void {
    const scratch = this.api.malloc(sizeBytes)
    if (scratch === 0) {
      this.pushString(L, 'not enough memory')
      this.api.lua_error(L)
    }
    this.api.free(this.#scratch)
    this.#scratch = scratch
    this.#scratchBytes = sizeBytes
  }

  /** Gives back what a very long string took. */
  trim(): void {
    if (this.#scratchBytes <= 16 * SCRATCH_BYTES) return
    this.api.free(this.#scratch)
    this.#scratch = this.api.malloc(SCRATCH_BYTES)
    this.#scratchBytes = SCRATCH_BYTES
  }

  /** A zero-terminated string that stays; made before the VM is frozen. */
  name(text: string): Pointer {
    const known = this.#names.get(text)
    if (known !== undefined) return known
    assert(this.#image === null, `the name ${text} is known before the VM is frozen`)
    const at = this.api.malloc(text.length + 1)
    for (let i = 0; i < text.length; i++) this.u8[at + i] = text.charCodeAt(i)
    this.u8[at + text.length] = 0
    this.#names.set(text, at)
    return at
  }

  /** C function pointers of JavaScript functions, which Lua can call when the VM is frozen. */
  addFunctions(functions: readonly LuaFunction[]): readonly number[] {
    assert(this.#image === null, 'functions are added before the VM is frozen')
    return functions.map((f) => this.#firstFunction + this.#functions.push(f) - 1)
  }

  /** The C function in a field of the table on top of the main stack, to be called in place of the one that replaces it. */
  original(name: string): LuaFunction {
    this.api.lua_getfield(this.main, -1, this.name(name))
    const pointer = this.api.lua_tocfunction(this.main, -1)
    this.api.lua_settop(this.main, -2)
    assert(pointer !== 0, `${name} is a C function`)
    return this.api.__indirect_function_table.get(pointer)
  }

  /** Sets functions as fields of the table on top of the main stack, in this order. */
  setFunctions(functions: Readonly<Record<string, LuaFunction>>): void {
    const pointers = this.addFunctions(Object.values(functions))
    Object.keys(functions).forEach((name, index) => {
      this.api.lua_pushcclosure(this.main, pointers[index]!, 0)
      this.api.lua_setfield(this.main, -2, this.name(name))
    })
  }

  // ---- arguments of a C function, and its errors ----

  checkNumber(L: Pointer, n: number): number {
    const at = this.argument(L, n)
    return this.typeAt(at) === NUMBER ? this.numberAt(at) : this.api.luaL_checknumber(L, n)
  }

  /** `luaL_checkint`: C's conversion to a 64 bit integer, of which the low 32 bits stay. */
  checkInt(L: Pointer, n: number): number {
    return toInt32(this.checkNumber(L, n))
  }

  isNoneOrNil(L: Pointer, n: number): boolean {
    return this.typeAt(this.argument(L, n)) <= NIL
  }

  checkString(L: Pointer, n: number): string {
    if (this.typeAt(this.argument(L, n)) !== STRING) this.api.luaL_checklstring(L, n, 0)
    return this.stringAt(this.argument(L, n))
  }

  /** Raises an error with the caller's position in front: `user_script:1: message`. */
  raise(L: Pointer, message: string): never {
    this.api.luaL_where(L, 1)
    this.pushString(L, message)
    this.api.lua_concat(L, 2)
    return this.throwTop(L)
  }

  /**
   * Inside a hook: raises the value on top of the stack. Lua calls error handlers before it leaves the hook; that they can
   * be interrupted too is up to us.
   */
  throwTopFromHook(L: Pointer): never {
    this.u8[L + 57] = 1
    return this.throwTop(L)
  }

  /** The function that runs now. */
  runningFunction(L: Pointer): Pointer {
    const callInfo = this.i32[(L + 20) >> 2]!
    return this.objectAt(this.i32[(callInfo + 4) >> 2]!)
  }

  /** Raises the value on top of the stack. */
  throwTop(L: Pointer): never {
    this.api.lua_error(L)
    throw new AssertionError('lua_error does not return')
  }

  /** `bad argument #1 to 'f' (message)`. */
  argumentError(L: Pointer, n: number, message: string): never {
    this.api.luaL_argerror(L, n, this.temporary(L, message))
    throw new AssertionError('luaL_argerror does not return')
  }
}
