/**
 * The random numbers of one server: run id, RANDOMKEY, SPOP, ACL GENPASS. The same seed gives the same numbers.
 *
 * Small on purpose: the folders below the simulator draw integers only, so every engine agrees on every bit.
 * xmur3 spreads the seed text over the state, sfc32 draws (both public domain, by "bryc").
 */
export class Random {
  #a = 0
  #b = 0
  #c = 0
  #counter = 1

  constructor(seed: string) {
    let hash = 1779033703 ^ seed.length
    for (let index = 0; index < seed.length; index++) {
      hash = Math.imul(hash ^ seed.charCodeAt(index), 3432918353)
      hash = (hash << 13) | (hash >>> 19)
    }
    const spread = (): number => {
      hash = Math.imul(hash ^ (hash >>> 16), 2246822507)
      hash = Math.imul(hash ^ (hash >>> 13), 3266489909)
      hash ^= hash >>> 16
      return hash >>> 0
    }
    this.#a = spread()
    this.#b = spread()
    this.#c = spread()
    for (let round = 0; round < 12; round++) this.uint32()
  }

  /** A uniform integer in [0, 2^32). */
  uint32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0
    return sum >>> 0
  }

  /** A uniform integer in [0, limit), without the bias of a plain remainder; `limit` is at most 2^32. */
  below(limit: number): number {
    const fair = 2 ** 32 - (2 ** 32 % limit)
    for (;;) {
      const draw = this.uint32()
      if (draw < fair) return draw % limit
    }
  }

  /** Lower case hexadecimal digits. */
  hex(length: number): string {
    let text = ''
    while (text.length < length) text += this.uint32().toString(16).padStart(8, '0')
    return text.slice(0, length)
  }
}
