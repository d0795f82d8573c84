/** Where the random numbers of a real server begin. */

/** A 32-bit number for a text (FNV-1a). */
export function seedNumber(text: string): number {
  let value = 0x811c9dc5
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
  }
  return value >>> 0
}
