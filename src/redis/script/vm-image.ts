/**
 * A copy of a VM's memory at one moment, to go back to.
 *
 * Three parts matter: the static data, the heap, and the allocator's mark behind its last block. Between the first two lies
 * the C stack, which is empty between calls; the scratch space is written before it is read.
 *
 * Invariant: after `restore` every address means what it meant before, and what ran since has left nothing.
 */
import type { LuaApi, Pointer } from './lua-wasm.ts'

/** More than the allocator writes behind a block. */
const END_MARK_BYTES = 1024

export class VmImage {
  readonly scratch: Pointer
  readonly #api: LuaApi
  readonly #parts: readonly { readonly at: Pointer; readonly bytes: Uint8Array }[]
  readonly #memoryBytes: number
  readonly #stack: Pointer

  /** `scratch` is the last block of the heap. */
  constructor(api: LuaApi, { scratch, scratchBytes }: { readonly scratch: Pointer; readonly scratchBytes: number }) {
    const memory = new Uint8Array(api.memory.buffer)
    const part = (at: Pointer, end: Pointer) => ({ at, bytes: memory.slice(at, end) })
    this.scratch = scratch
    this.#api = api
    this.#parts = [
      part(0, api.emscripten_stack_get_end()),
      part(api.emscripten_stack_get_base(), scratch),
      part(scratch + scratchBytes, scratch + scratchBytes + END_MARK_BYTES),
    ]
    this.#memoryBytes = memory.length
    this.#stack = api.stackSave()
  }

  /** False when the memory has grown since: it cannot shrink. */
  restore(memory: Uint8Array): boolean {
    if (memory.length > this.#memoryBytes) return false
    for (const { at, bytes } of this.#parts) memory.set(bytes, at)
    this.#api.stackRestore(this.#stack)
    this.#api.setThrew(0, 0)
    return true
  }
}
