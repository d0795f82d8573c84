/**
 * Belief: who believed to hold which lock, and when, as `recordLock` writes it.
 *
 *   { t, host, lock, token, event: acquired | extended | released | lost, expiresAt? }     times as Date.now()
 *
 * A hold lasts from `acquired` to `released`, `lost`, or the end that it states (`expiresAt`, moved by `extended`); one without an end
 * lasts until its host says no more. Two holds of one lock that overlap for longer than the clocks of their hosts may differ are a
 * violation; a shorter overlap is unknown. On one host there is one clock.
 */
import * as z from 'zod'
import { type Recording, readLines } from './line.ts'
import { nameOfToken, type Shown, TOKEN } from './told.ts'

const BELIEF = z.object({
  t: z.number(),
  host: z.string().min(1),
  lock: z.string(),
  token: TOKEN,
  event: z.enum(['acquired', 'extended', 'released', 'lost']),
  expiresAt: z.number().optional(),
})

/** A client believed to hold a lock. */
export interface Hold {
  readonly host: string
  readonly token: string
  readonly place: string
  readonly fromMs: number
  /** Infinite: it states none. */
  untilMs: number
  isOver: boolean
}

/** What was read. */
export interface Believed {
  readonly locks: number
  readonly holds: number
  /** Each lock's holds. */
  readonly byLock: ReadonlyMap<string, readonly Hold[]>
  readonly shown: readonly Shown[]
}

/**
 * Judges belief.
 * @param errorMs by how much the clocks of two hosts may differ
 * @throws UsageError at a line that is wrong
 */
export async function judgeBelief(
  recordings: readonly Recording[],
  errorMs: number,
  hash: (token: string) => string,
): Promise<Believed> {
  const byLock = new Map<string, Hold[]>()
  const open = new Map<string, Hold>()
  const lastOf = new Map<string, number>()
  for (const recording of recordings) {
    for await (const { place, line } of readLines(recording, BELIEF)) {
      const { t, host, lock, event, expiresAt } = line
      const token = hash(line.token)
      const key = JSON.stringify([host, lock, token])
      lastOf.set(host, Math.max(t, lastOf.get(host) ?? t))
      const hold = open.get(key)
      if (event === 'acquired') {
        if (hold !== undefined) hold.isOver = true
        const begun = { host, token, place, fromMs: t, untilMs: expiresAt ?? Number.POSITIVE_INFINITY, isOver: false }
        open.set(key, begun)
        const holds = byLock.get(lock) ?? []
        holds.push(begun)
        byLock.set(lock, holds)
      } else if (hold !== undefined && !hold.isOver) {
        if (event === 'extended') hold.untilMs = expiresAt ?? hold.untilMs
        else {
          hold.untilMs = Math.min(hold.untilMs, t)
          hold.isOver = true
        }
      }
    }
  }
  const shown: Shown[] = []
  let count = 0
  for (const [lock, holds] of byLock) {
    count += holds.length
    for (const hold of holds) hold.untilMs = Math.min(hold.untilMs, endOf(hold, lastOf))
    shown.push(...overlaps(lock, holds, errorMs))
  }
  return { locks: byLock.size, holds: count, byLock, shown }
}

/** A hold that states no end lasts until its host says no more. */
const endOf = ({ host, untilMs }: Hold, lastOf: ReadonlyMap<string, number>): number =>
  untilMs === Number.POSITIVE_INFINITY ? (lastOf.get(host) as number) : untilMs

/** Each pair of holds that overlap; sorted by their beginnings, so only those that are still going on are compared. */
function* overlaps(lock: string, holds: Hold[], errorMs: number): Iterable<Shown> {
  holds.sort((a, b) => a.fromMs - b.fromMs || (a.place < b.place ? -1 : 1))
  let going: Hold[] = []
  for (const later of holds) {
    going = going.filter((earlier) => earlier.untilMs > later.fromMs)
    for (const earlier of going) {
      if (earlier.token === later.token) continue
      const ms = Math.min(earlier.untilMs, later.untilMs) - later.fromMs
      if (ms <= 0) continue
      const limitMs = earlier.host === later.host ? 0 : errorMs
      const who = `${earlier.host} (${nameOfToken(earlier.token)}) and ${later.host} (${nameOfToken(later.token)})`
      const both = `${who} both believed to hold ${JSON.stringify(lock)} for ${rounded(ms)} ms`
      yield {
        property: 'mutual-exclusion',
        status: ms > limitMs ? 'violated' : 'unknown',
        sentence:
          ms > limitMs ? both : `${both}, which is not longer than their clocks may differ (${rounded(limitMs)} ms)`,
        places: [earlier.place, later.place],
      }
    }
    going.push(later)
  }
}

const rounded = (ms: number): number => Math.round(ms * 1_000) / 1_000
