/**
 * The smallest parts of an RDB file, for reading.
 *
 * Invariant: once something was read that cannot be, `hasFailed` stays true; what is read after that means nothing.
 *
 * Source: rdb.c of Redis 7.0
 */
import { doubleFrom, fromBigEndian, signedFromLittleEndian } from './bytes.ts'
import { lzfDecompress } from './lzf.ts'

const NUMBER_SIZES = [1, 2, 4]
const COMPRESSED = 3
/** A string that claims to be longer is not believed. */
const STRING_BYTES_MAX = 64 * 1024 * 1024

export class RdbReader {
  readonly #bytes: string
  #at = 0
  hasFailed = false

  constructor(bytes: string) {
    this.#bytes = bytes
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length
  }

  /** What is read does not make sense. */
  fail(): void {
    this.hasFailed = true
  }

  take(size: number): string {
    if (this.#at + size > this.#bytes.length) {
      this.hasFailed = true
      return ''
    }
    const part = this.#bytes.slice(this.#at, this.#at + size)
    this.#at += size
    return part
  }

  byte(): number {
    const part = this.take(1)
    return part === '' ? 0 : part.charCodeAt(0)
  }

  double(): number {
    const part = this.take(8)
    return part === '' ? 0 : doubleFrom(part)
  }

  /** A time in milliseconds. */
  milliseconds(): number {
    return Number(signedFromLittleEndian(this.take(8)))
  }

  /** A time in seconds. */
  seconds(): number {
    return Number(signedFromLittleEndian(this.take(4)))
  }

  /** A length in full. */
  bigLength(): bigint {
    const { length, special } = this.#lengthOrSpecial()
    if (special !== null) this.fail()
    return length
  }

  length(): number {
    return Number(this.bigLength())
  }

  /** How many elements follow; a number that the rest of the bytes cannot hold is not believed. */
  count(): number {
    const count = this.length()
    if (count > this.#bytes.length - this.#at) this.fail()
    return this.hasFailed ? 0 : count
  }

  #lengthOrSpecial(): { readonly length: bigint; readonly special: number | null } {
    const first = this.byte()
    switch (first >> 6) {
      case 0:
        return { length: BigInt(first & 63), special: null }
      case 1:
        return { length: BigInt(((first & 63) << 8) | this.byte()), special: null }
      case 3:
        return { length: 0n, special: first & 63 }
      default:
        if (first === 0x80) return { length: fromBigEndian(this.take(4)), special: null }
        if (first !== 0x81) this.fail()
        return { length: fromBigEndian(this.take(8)), special: null }
    }
  }

  string(): string {
    const { length, special } = this.#lengthOrSpecial()
    if (special === null) return this.take(Number(length))
    const size = NUMBER_SIZES[special]
    if (size !== undefined) return String(signedFromLittleEndian(this.take(size)))
    if (special !== COMPRESSED) {
      this.fail()
      return ''
    }
    const compressedSize = this.length()
    const originalSize = this.length()
    const compressed = this.take(compressedSize)
    const original = originalSize > STRING_BYTES_MAX ? null : lzfDecompress(compressed, originalSize)
    if (original === null) this.fail()
    return original ?? ''
  }
}
