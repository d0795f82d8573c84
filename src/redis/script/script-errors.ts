/**
 * What a script that fails answers.
 *
 * Source: script_lua.c (`luaExtractErrorInformation`, `luaCallFunction`) of Redis 7.0
 */
import { error, type Reply } from '../reply.ts'
import { STRING, TABLE } from './lua-constants.ts'
import { oneLine } from './lua-to-reply.ts'
import type { LuaVm } from './lua-vm.ts'
import type { Pointer } from './lua-wasm.ts'
import { cText } from './reply-to-lua.ts'

/** How much of an error that is no table goes into the reply. */
const MESSAGE_CHARS_MAX = 100

/** The fields of an error table that go into the reply; a field may come from a metatable, that is, from the script. */
interface ErrorTable {
  err: string
  source: string | null
  line: string | null
}

export class ScriptErrors {
  readonly #vm: LuaVm
  readonly #reader: number
  #table: ErrorTable | null = null

  /** Before the VM is frozen. */
  constructor(vm: LuaVm) {
    this.#vm = vm
    this.#reader = vm.addFunctions([errorTableReader(vm, (read) => (this.#table = read))])[0]!
  }

  /** The reply for the error on top of the main stack; `name` is the script's SHA-1 or the function's name. */
  top(name: string): Reply {
    const vm = this.#vm
    const { main: L } = vm
    const at = vm.top(L)
    if (vm.typeAt(at) !== TABLE) {
      const message = vm.typeAt(at) === STRING ? cText(vm.stringAt(at)) : 'execution failure'
      return error(oneLine(`ERR Error running script ${name}, ${message.slice(0, MESSAGE_CHARS_MAX)}`))
    }
    const { err, source, line } = this.#read()
    const place = source === null || line === null ? '' : ` script: ${name}, on ${source}:${line}.`
    return error(oneLine(err + place))
  }

  /** The text of the error on top of the main stack. */
  textOnTop(): string {
    const at = this.#vm.top(this.#vm.main)
    return this.#vm.typeAt(at) === STRING ? `ERR ${cText(this.#vm.stringAt(at))}` : this.#read().err
  }

  /** The error table on top of the main stack. */
  #read(): ErrorTable {
    const { api, main: L } = this.#vm
    this.#table = null
    api.lua_pushcclosure(L, this.#reader, 0)
    api.lua_insert(L, -2)
    api.lua_pcall(L, 1, 0, 0)
    return this.#table ?? NO_ERROR_TABLE
  }
}

/** What Redis 7.2 says of an error table without a text; 7.0.15 crashes. */
const NO_ERROR_TABLE: ErrorTable = { err: 'ERR unknown error', source: null, line: null }

/** A C function that reads the error table it is called with. */
function errorTableReader(vm: LuaVm, done: (read: ErrorTable) => void): (L: Pointer) => number {
  const { api } = vm
  const names = { err: vm.name('err'), source: vm.name('source'), line: vm.name('line') }
  return (L) => {
    const field = (name: keyof ErrorTable): string | null => {
      api.lua_getfield(L, 1, names[name])
      if (api.lua_isstring(L, -1) === 0) return null
      api.lua_tolstring(L, -1, 0)
      return cText(vm.stringAt(vm.top(L)))
    }
    done({ err: field('err') ?? NO_ERROR_TABLE.err, source: field('source'), line: field('line') })
    return 0
  }
}
