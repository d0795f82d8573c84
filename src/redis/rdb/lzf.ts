/**
 * LZF: the compression of longer strings in RDB files.
 *
 *     000LLLLL                      L + 1 literal bytes follow
 *     LLLooooo oooooooo             L + 2 bytes again, from o + 1 bytes back
 *     111ooooo LLLLLLLL oooooooo    L + 9 bytes again
 *
 * Models  the choices of Redis's own compressor, so that the bytes are the same.
 *
 * Source: lzf_c.c, lzf_d.c of LibLZF (BSD, by Marc Alexander Lehmann)
 */
const HASH_BITS = 16
const OFFSET_MAX = 1 << 13
const LITERALS_MAX = 32
const REPEAT_MAX = 264
const SHORT_REPEAT_MAX = 7

/** The compressed bytes; null: they would not be at most `sizeMax`. */
export function lzfCompress(text: string, sizeMax: number): string | null {
  const input = Uint8Array.from(text, (char) => char.charCodeAt(0))
  const end = input.length
  const lastSeen = new Int32Array(1 << HASH_BITS).fill(-1)
  const output: number[] = []
  let literals: number[] = []
  const flush = (): void => {
    if (literals.length > 0) output.push(literals.length - 1, ...literals)
    literals = []
  }
  /** What C's output position would be: a byte is kept for the length of the literals that are being collected. */
  const position = (): number => output.length + 1 + literals.length
  const slot = (at: number): number => {
    const three = (input[at]! << 16) | (input[at + 1]! << 8) | input[at + 2]!
    return ((three >>> (24 - HASH_BITS)) - three * 5) & ((1 << HASH_BITS) - 1)
  }
  let at = 0
  while (at < end - 2) {
    const place = slot(at)
    const from = lastSeen[place]!
    lastSeen[place] = at
    const offset = at - from - 1
    if (from > 0 && offset < OFFSET_MAX && isSame(input, from, at)) {
      if (position() - (literals.length === 0 ? 1 : 0) + 4 >= sizeMax) return null
      flush()
      const length = repeatLength(input, from, at, Math.min(end - at - 2, REPEAT_MAX))
      const coded = length - 2
      if (coded < SHORT_REPEAT_MAX) output.push((offset >> 8) + (coded << 5))
      else output.push((offset >> 8) + (SHORT_REPEAT_MAX << 5), coded - SHORT_REPEAT_MAX)
      output.push(offset & 255)
      at += length
      if (at >= end - 2) break
      lastSeen[slot(at - 2)] = at - 2
      lastSeen[slot(at - 1)] = at - 1
    } else {
      if (position() >= sizeMax) return null
      literals.push(input[at++]!)
      if (literals.length === LITERALS_MAX) flush()
    }
  }
  if (position() + 3 > sizeMax) return null
  while (at < end) {
    literals.push(input[at++]!)
    if (literals.length === LITERALS_MAX) flush()
  }
  flush()
  let compressed = ''
  for (const byte of output) compressed += String.fromCharCode(byte)
  return compressed
}

const isSame = (input: Uint8Array, a: number, b: number): boolean =>
  input[a] === input[b] && input[a + 1] === input[b + 1] && input[a + 2] === input[b + 2]

/** Where there is room the compressor compares so many bytes without looking at the limit. */
const UNROLLED = 18

/** How many bytes at `at` are those at `from`: three at least. */
function repeatLength(input: Uint8Array, from: number, at: number, max: number): number {
  const unlimited = max > 16 ? UNROLLED : 2
  let length = 3
  while (length <= unlimited && input[from + length] === input[at + length]) length++
  if (length <= unlimited) return length
  while (length < max && input[from + length] === input[at + length]) length++
  return length
}

/** The original bytes; null: the input is damaged or does not give `size` bytes. */
export function lzfDecompress(text: string, size: number): string | null {
  const output = new Uint8Array(size)
  let length = 0
  for (let at = 0; at < text.length; ) {
    const control = text.charCodeAt(at++)
    if (control < LITERALS_MAX) {
      if (length + control + 1 > size || at + control + 1 > text.length) return null
      for (let count = control; count >= 0; count--) output[length++] = text.charCodeAt(at++)
      continue
    }
    let repeat = control >> 5
    if (repeat === SHORT_REPEAT_MAX) repeat += text.charCodeAt(at++)
    let from = length - ((control & 31) << 8) - 1 - text.charCodeAt(at++)
    if (!(from >= 0) || length + repeat + 2 > size) return null
    for (let count = repeat + 2; count > 0; count--) output[length++] = output[from++]!
  }
  if (length !== size) return null
  let original = ''
  for (const byte of output) original += String.fromCharCode(byte)
  return original
}
