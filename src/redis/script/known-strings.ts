/**
 * KEYS and ARGV of the running script, known again by the address of their Lua string.
 *
 * Most arguments of `redis.call` are keys and arguments of the script. Reading them out of Lua's memory byte by byte would
 * cost more than the rest of the call, and would make new strings of keys that a Map already knows.
 *
 * Invariant: every known string lies on the main stack until the run has ended, so no other string can have its address.
 */
import type { Pointer } from './lua-wasm.ts'

/** Looked through one by one; a script with more arguments reads the others from memory. */
const KNOWN_MAX = 16

export class KnownStrings {
  readonly #addresses = new Int32Array(KNOWN_MAX)
  readonly #texts: string[] = Array.from({ length: KNOWN_MAX }, () => '')
  #count = 0

  clear(): void {
    this.#count = 0
  }

  get isFull(): boolean {
    return this.#count === KNOWN_MAX
  }

  add(address: Pointer, text: string): void {
    this.#addresses[this.#count] = address
    this.#texts[this.#count++] = text
  }

  find(address: Pointer): string | undefined {
    for (let i = 0; i < this.#count; i++) if (this.#addresses[i] === address) return this.#texts[i]
    return undefined
  }
}
