/**
 * Bytes as a JavaScript string, a char for each byte.
 *
 * Most strings of a script are short, and a string made in pieces costs more when it becomes the key of a Map: so eight
 * bytes go into one call.
 */

const CHARS: readonly string[] = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte))

/** From here on one call for thousands of bytes is faster than one for eight. */
const LONG_BYTES = 64
const CHUNK_BYTES = 4096

/** `sizeBytes` bytes of `u8` from `at`. */
export function decodeLatin1(u8: Uint8Array, at: number, sizeBytes: number): string {
  if (sizeBytes > LONG_BYTES) return decodeLong(u8, at, at + sizeBytes)
  const end = at + sizeBytes
  let text = ''
  for (; at + 8 <= end; at += 8)
    text += String.fromCharCode(
      u8[at]!,
      u8[at + 1]!,
      u8[at + 2]!,
      u8[at + 3]!,
      u8[at + 4]!,
      u8[at + 5]!,
      u8[at + 6]!,
      u8[at + 7]!,
    )
  if (at + 4 <= end) {
    text += String.fromCharCode(u8[at]!, u8[at + 1]!, u8[at + 2]!, u8[at + 3]!)
    at += 4
  }
  switch (end - at) {
    case 3:
      return text + String.fromCharCode(u8[at]!, u8[at + 1]!, u8[at + 2]!)
    case 2:
      return text + String.fromCharCode(u8[at]!, u8[at + 1]!)
    case 1:
      return text + CHARS[u8[at]!]!
    default:
      return text
  }
}

function decodeLong(u8: Uint8Array, start: number, end: number): string {
  let text = ''
  for (let at = start; at < end; at += CHUNK_BYTES) {
    const chunk = u8.subarray(at, Math.min(at + CHUNK_BYTES, end))
    text += String.fromCharCode.apply(null, chunk as unknown as number[])
  }
  return text
}
