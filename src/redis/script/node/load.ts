/**
 * The Lua engine of this process: reads the module out of the npm package once.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { requireWebAssembly } from '../../../sim/web-assembly.ts'
import type { ScriptEngine } from '../engine.ts'
import { createLuaEngine } from '../lua-engine.ts'
import { compileLua } from '../lua-wasm.ts'

let engine: ScriptEngine | null = null

/** The same engine at each call. */
export function loadLuaEngine(): ScriptEngine {
  if (engine === null) {
    requireWebAssembly()
    engine = createLuaEngine(compileLua(readFileSync(modulePath())))
  }
  return engine
}

const modulePath = (): string => createRequire(import.meta.url).resolve('wasmoon-lua5.1/dist/liblua5.1.wasm')
