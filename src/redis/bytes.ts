/**
 * The edge between JavaScript text and Redis bytes: inside lockstorm a byte string is a string whose chars are
 * bytes (latin-1); clients hand over and expect UTF-8 text.
 */

const ASCII = /^[\x00-\x7f]*$/

/** Nearly all texts are ASCII and short: a loop is over before a regular expression has begun. */
function isAscii(text: string): boolean {
  if (text.length > 24) return ASCII.test(text)
  for (let i = 0; i < text.length; i += 1) if (text.charCodeAt(i) > 0x7f) return false
  return true
}

/** The UTF-8 bytes of a text. Lone surrogates become U+FFFD, as in Node's Buffer. */
export function toBytes(text: string): string {
  if (isAscii(text)) return text
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

/**
 * The text of UTF-8 bytes. Whatever is not UTF-8 becomes U+FFFD: one for each longest beginning of a character, as in
 * Node's Buffer and in the Encoding Standard (https://encoding.spec.whatwg.org/#utf-8-decoder).
 */
export function fromBytes(bytes: string): string {
  if (isAscii(bytes)) return bytes
  let text = ''
  for (let i = 0; i < bytes.length; ) {
    const lead = bytes.charCodeAt(i)
    i += 1
    if (lead < 0x80) {
      text += String.fromCharCode(lead)
      continue
    }
    let missing =
      lead >= 0xc2 && lead < 0xe0 ? 1 : lead >= 0xe0 && lead < 0xf0 ? 2 : lead >= 0xf0 && lead < 0xf5 ? 3 : 0
    let isWhole = missing > 0
    let point = lead & (0x3f >> missing)
    // The first continuation has narrower bounds where others would be overlong, surrogates, or beyond U+10FFFF.
    let min = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80
    let max = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf
    for (; isWhole && missing > 0; missing -= 1) {
      const next = i < bytes.length ? bytes.charCodeAt(i) : -1
      isWhole = next >= min && next <= max
      if (!isWhole) break
      point = (point << 6) | (next & 63)
      i += 1
      min = 0x80
      max = 0xbf
    }
    text += isWhole ? String.fromCodePoint(point) : '\ufffd'
  }
  return text
}
