/**
 * The edge between JavaScript text and Redis bytes: inside lockstorm a byte string is a string whose chars are
 * bytes (latin-1); clients hand over and expect UTF-8 text.
 */

const ASCII = /^[\x00-\x7f]*$/

/** The UTF-8 bytes of a text. Lone surrogates become U+FFFD, as in Node's Buffer. */
export function toBytes(text: string): string {
  if (ASCII.test(text)) return text
  let bytes = ''
  for (const char of text) {
    let point = char.codePointAt(0) as number
    if (point >= 0xd800 && point <= 0xdfff) point = 0xfffd
    if (point < 0x80) bytes += String.fromCharCode(point)
    else if (point < 0x800) bytes += String.fromCharCode(0xc0 | (point >> 6), 0x80 | (point & 63))
    else if (point < 0x10000)
      bytes += String.fromCharCode(0xe0 | (point >> 12), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63))
    else
      bytes += String.fromCharCode(
        0xf0 | (point >> 18),
        0x80 | ((point >> 12) & 63),
        0x80 | ((point >> 6) & 63),
        0x80 | (point & 63),
      )
  }
  return bytes
}

/** The text of UTF-8 bytes; whatever is not UTF-8 becomes U+FFFD, a char for each bad byte. */
export function fromBytes(bytes: string): string {
  if (ASCII.test(bytes)) return bytes
  let text = ''
  for (let i = 0; i < bytes.length; ) {
    const lead = bytes.charCodeAt(i)
    const length =
      lead < 0x80
        ? 1
        : lead >= 0xc2 && lead < 0xe0
          ? 2
          : lead >= 0xe0 && lead < 0xf0
            ? 3
            : lead >= 0xf0 && lead < 0xf5
              ? 4
              : 0
    let point = length === 1 ? lead : lead & (0x7f >> length)
    let isValid = length > 0 && i + length <= bytes.length
    for (let k = 1; isValid && k < length; k += 1) {
      const next = bytes.charCodeAt(i + k)
      isValid = (next & 0xc0) === 0x80
      point = (point << 6) | (next & 63)
    }
    const isOverlong = (length === 3 && point < 0x800) || (length === 4 && (point < 0x10000 || point > 0x10ffff))
    if (!isValid || isOverlong || (point >= 0xd800 && point <= 0xdfff)) {
      text += '\ufffd'
      i += 1
    } else {
      text += String.fromCodePoint(point)
      i += length
    }
  }
  return text
}
