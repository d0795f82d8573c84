/**
 * Hash slots: which of the 16384 a key belongs to, and ranges of them.
 *
 * Source: https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#key-distribution-model; cluster.c (`keyHashSlot`), crc16.c
 * of Redis 7.0
 */

export const SLOT_COUNT = 16_384

/** The first and the last slot of a range. */
export type SlotRange = readonly [number, number]

const ALL_SLOTS: SlotRange = [0, SLOT_COUNT - 1]

/** Each slot of these ranges; of all without any. */
export function* slotsIn(ranges: readonly SlotRange[] = [ALL_SLOTS]): Generator<number> {
  for (const [first, last] of ranges) for (let slot = first; slot <= last; slot += 1) yield slot
}

/** CRC16 as XMODEM has it: polynomial 0x1021, from 0, by byte. */
const CRC16: readonly number[] = Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8
  for (let bit = 0; bit < 8; bit += 1) crc = ((crc & 0x8000) === 0 ? crc << 1 : (crc << 1) ^ 0x1021) & 0xffff
  return crc
})

/** The slot of a key, a latin-1 string. What stands between the first `{` and the next `}` decides alone, if that is anything. */
export function keySlot(key: string): number {
  const open = key.indexOf('{')
  const close = open === -1 ? -1 : key.indexOf('}', open + 1)
  const isTagged = close > open + 1
  const end = isTagged ? close : key.length
  let crc = 0
  for (let at = isTagged ? open + 1 : 0; at < end; at += 1) {
    crc = ((crc << 8) & 0xffff) ^ CRC16[((crc >> 8) ^ key.charCodeAt(at)) & 0xff]!
  }
  return crc % SLOT_COUNT
}

/** All slots, dealt out to a number of primaries as `redis-cli --cluster create` does it: one range each. */
export function slotsFor(primaries: number): readonly SlotRange[] {
  const each = SLOT_COUNT / primaries
  return Array.from({ length: primaries }, (_, index): SlotRange => {
    const first = index === 0 ? 0 : Math.round(each * index - 1) + 1
    const last = index === primaries - 1 ? SLOT_COUNT - 1 : Math.round(each * (index + 1) - 1)
    return [first, last]
  })
}

export const isSameRanges = (one: readonly SlotRange[], other: readonly SlotRange[]): boolean =>
  one === other ||
  (one.length === other.length &&
    one.every(([first, last], index) => first === other[index]![0] && last === other[index]![1]))
