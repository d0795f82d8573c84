/**
 * When and how often keys are used, as OBJECT IDLETIME and OBJECT FREQ show it: 24 bits a key.
 *
 * With an LRU policy (the default counts as one) they are the second of the last use. With an LFU policy they are 16 bits of
 * minutes and 8 bits of a counter that grows with the logarithm of the uses and shrinks with time. A server whose policy
 * changes reads the bits of the one as those of the other, as Redis does.
 *
 * Source: evict.c (`estimateObjectIdleTime`, `LFULogIncr`, `LFUDecrAndReturn`) of Redis 7.0.
 */
import type { Random } from './random.ts'

const BITS_24 = 0xffffff
const COUNTER_MAX = 255
/** What a new key begins with, so that it is not the first to go. */
const COUNTER_FIRST = 5

/** The second of `nowMs` in 24 bits. */
export const usageSecond = (nowMs: number): number => (nowMs / 1000) & BITS_24

/** Seconds since the last use. */
export function secondsSinceUse(usage: number, nowMs: number): number {
  const second = usageSecond(nowMs)
  return second >= usage ? second - usage : second + BITS_24 - usage
}

/** The bits of a key that RESTORE gives an idle time or a frequency, if the policy has a use for it. */
export function usageOf(
  nowMs: number,
  countsUses: boolean,
  { idleSeconds, frequency }: { readonly idleSeconds: number | null; readonly frequency: number | null },
): number | null {
  if (countsUses) return frequency === null ? null : (minuteOf(nowMs) << 8) | frequency
  return idleSeconds === null ? null : (usageSecond(nowMs) - idleSeconds) & BITS_24
}

/** How the counters of an LFU policy grow and shrink. */
export interface FrequencySettings {
  /** `lfu-log-factor`: the larger, the slower counters grow. */
  readonly logFactor: number
  /** `lfu-decay-time`: minutes until a counter loses one; 0: never. */
  readonly decayMinutes: number
  readonly random: () => Random
}

/** The bits of a new key. */
export const firstFrequency = (nowMs: number): number => (minuteOf(nowMs) << 8) | COUNTER_FIRST

/** The bits after one more use. */
export function usedOnceMore(usage: number, nowMs: number, settings: FrequencySettings): number {
  let counter = frequency(usage, nowMs, settings)
  if (counter < COUNTER_MAX) {
    const beyondFirst = Math.max(0, counter - COUNTER_FIRST)
    // With probability 1 / (beyond · factor + 1), drawn as an integer.
    if (settings.random().below(beyondFirst * settings.logFactor + 1) === 0) counter++
  }
  return (minuteOf(nowMs) << 8) | counter
}

/** The counter as it is now. */
export function frequency(usage: number, nowMs: number, { decayMinutes }: FrequencySettings): number {
  const counter = usage & COUNTER_MAX
  if (decayMinutes === 0) return counter
  const passed = (minuteOf(nowMs) - (usage >>> 8)) & 0xffff
  return Math.max(0, counter - Math.floor(passed / decayMinutes))
}

const minuteOf = (nowMs: number): number => Math.floor(nowMs / 60_000) & 0xffff
