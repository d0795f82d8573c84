/**
 * Named random streams: every part of a world draws from its own, so a new draw in one part moves no other.
 *
 * A stream's numbers depend on the seed of the world and its label (`net/A→redis-1`, `client/A`) and on nothing
 * else: not on when it was first used, nor on what other streams drew.
 *
 * Source: seedrandom's `alea` generator (Baagøe), 32-bit fractions; integer draws only, so no engine's last bit matters.
 */
import seedrandom from 'seedrandom'

/** One stream of integer draws. */
export class RandomStream {
  readonly #next: () => number

  constructor(seed: string) {
    this.#next = seedrandom.alea(seed)
  }

  /** A fraction in [0, 1) with 32 random bits: what a subject's `Math.random()` gets. */
  fraction(): number {
    return this.#next()
  }

  /** An integer in [0, bound). */
  below(bound: number): number {
    return Math.floor(this.#next() * bound)
  }

  /** An integer in [min, max], both included. */
  between(min: number, max: number): number {
    return min + Math.floor(this.#next() * (max - min + 1))
  }

  /** True `num` times in `den`. */
  chance(ratio: { readonly num: number; readonly den: number }): boolean {
    return this.below(ratio.den) < ratio.num
  }

  /** `count` bytes. */
  bytes(count: number): Uint8Array {
    const bytes = new Uint8Array(count)
    for (let i = 0; i < count; i += 1) bytes[i] = this.below(256)
    return bytes
  }

  /** A version 4 UUID (RFC 9562). */
  uuid(): string {
    const bytes = this.bytes(16)
    bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40
    bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
  }
}

/** The streams of one world. */
export class RandomStreams {
  readonly #streams = new Map<string, RandomStream>()
  readonly seed: string

  constructor(seed: string) {
    this.seed = seed
  }

  /** The stream of this name; made on first use. */
  stream(label: string): RandomStream {
    let stream = this.#streams.get(label)
    if (stream === undefined) {
      stream = new RandomStream(`${this.seed}/${label}`)
      this.#streams.set(label, stream)
    }
    return stream
  }
}
