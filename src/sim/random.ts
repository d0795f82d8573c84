/**
 * Named random streams: every part of a world draws from its own, so a new draw in one part moves no other.
 *
 * A stream's numbers depend on the seed of the world and its label (`net/A→redis-1`, `client/A`) and on nothing
 * else: not on when it was first used, nor on what other streams drew.
 *
 * Source: seedrandom's `alea` generator (Baagøe), 32-bit fractions; integer draws only, so no engine's last bit matters.
 * A world has a dozen streams and draws from each a few times, so its beginning must be cheap: alea is given a state made
 * of an integer hash of the text. Its own way from a text to a state takes ten times as long.
 */
import seedrandom from 'seedrandom'

/** 64 bits of a text, in two halves. */
interface Digest {
  readonly one: number
  readonly two: number
}

const EMPTY: Digest = { one: 0x6c6f636b, two: 0x73746f72 }

/** The digest of what came before and then this text: MurmurHash3's step, with another multiplier in each half. */
function digest({ one, two }: Digest, text: string): Digest {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    one = Math.imul(one ^ code, 0xcc9e2d51)
    one = (one << 13) | (one >>> 19)
    two = Math.imul(two ^ code, 0x1b873593)
    two = (two << 15) | (two >>> 17)
  }
  return { one, two }
}

/** Spreads 32 bits evenly (MurmurHash3's finalizer), as a fraction in [0, 1). */
function spread(bits: number): number {
  let mixed = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32
}

/** One stream of integer draws. */
export class RandomStream {
  readonly #next: () => number

  /** `before` is the digest of what stands before the label: a world's seed is taken up once for all its streams. */
  constructor(label: string, before = EMPTY) {
    const { one, two } = digest(before, label)
    const state = { c: 1, s0: spread(one), s1: spread(two), s2: spread(Math.imul(one, 0x9e3779b1) ^ two) }
    this.#next = seedrandom.alea('', { state })
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
  readonly #digest: Digest

  constructor(seed: string) {
    this.#digest = digest(EMPTY, `${seed}/`)
  }

  /** The stream of this name; made on first use. */
  stream(label: string): RandomStream {
    let stream = this.#streams.get(label)
    if (stream === undefined) {
      stream = new RandomStream(label, this.#digest)
      this.#streams.set(label, stream)
    }
    return stream
  }
}
