/**
 * Evidence of both sides together: a client believed in a lock, or a resource accepted its write, when the server no longer had the key.
 *
 * Grants are known by their tokens, whatever the lock is called: a recorder may have hashed them once, so both are looked for. What one
 * side says at a time of its clock may be later or earlier by the clock error.
 */
import type { Believed, Hold } from './belief.ts'
import type { Effected } from './effect.ts'
import type { Backing } from './server.ts'
import { nameOfToken, type Shown } from './told.ts'

export class Together {
  readonly #believed: Believed | null
  readonly #effected: Effected | null
  readonly #hash: (token: string) => string
  readonly #errorMs: number
  readonly #wanted = new Set<string>()
  readonly #backings = new Map<string, Backing[]>()

  constructor(
    { believed, effected }: { readonly believed: Believed | null; readonly effected: Effected | null },
    { hash, errorMs }: { readonly hash: (token: string) => string; readonly errorMs: number },
  ) {
    this.#believed = believed
    this.#effected = effected
    this.#hash = hash
    this.#errorMs = errorMs
    for (const holds of believed?.byLock.values() ?? []) for (const { token } of holds) this.#wanted.add(token)
    for (const token of effected?.lastWrites.keys() ?? []) this.#wanted.add(token)
  }

  /** A server had this token in a key. */
  add(token: string, backing: Backing): void {
    const once = this.#hash(token)
    for (const hash of [once, this.#hash(once)]) {
      if (!this.#wanted.has(hash)) continue
      const backings = this.#backings.get(hash)
      if (backings === undefined) this.#backings.set(hash, [backing])
      else backings.push(backing)
    }
  }

  /** What the sides show together, when all servers have been read. */
  judge(): { readonly shown: readonly Shown[]; readonly notes: readonly string[] } {
    const shown: Shown[] = []
    let unmatched = 0
    let count = 0
    for (const [lock, holds] of this.#believed?.byLock ?? []) {
      for (const hold of holds) {
        count += 1
        if (!this.#backings.has(hold.token)) unmatched += 1
        shown.push(...this.#judgeHold(lock, hold))
      }
    }
    for (const [token, write] of this.#effected?.lastWrites ?? []) {
      const ended = this.#endedBefore(token, write.atMs)
      if (ended === null) continue
      const { backing, ms } = ended
      const what = `${nameOfToken(token)} wrote to ${write.resource} ${rounded(ms)} ms after ${endWords(backing)}`
      shown.push(this.#shown('stale-write', what, ms, [backing.place, write.place]))
    }
    const notes =
      unmatched === 0
        ? []
        : [`no server shows the token of ${unmatched} of ${count} holds, so these are not compared with a server`]
    return { shown, notes }
  }

  *#judgeHold(lock: string, { host, token, place, untilMs }: Hold): Iterable<Shown> {
    const ended = this.#endedBefore(token, untilMs)
    // Who has given it back may have been recorded by the server alone.
    if (ended === null || ended.backing.endedBy === 'released' || ended.backing.endedBy === 'deleted') return
    const { backing, ms } = ended
    const what = `${host} (${nameOfToken(token)}) believed to hold ${JSON.stringify(lock)} until ${rounded(ms)} ms after ${endWords(backing)}`
    yield this.#shown('overstated-lease', what, ms, [place, backing.endPlace ?? backing.place])
  }

  /** How long before that time the token had gone from its key; null: it had not, or that is not known. */
  #endedBefore(token: string, atMs: number): { readonly backing: Backing; readonly ms: number } | null {
    const backings = this.#backings.get(token) ?? []
    // On several servers it is a quorum lock's: one of them says nothing.
    if (new Set(backings.map(({ server }) => server)).size !== 1) return null
    const begun = backings.filter(({ fromUs }) => fromUs / 1_000 <= atMs + this.#errorMs)
    const backing = begun.at(-1)
    if (backing === undefined || backing.untilUs === null || backing.endedBy === 'unsure') return null
    const ms = atMs - (backing.untilUs + backing.slackUs) / 1_000
    return ms > 0 ? { backing, ms } : null
  }

  #shown(property: Shown['property'], what: string, ms: number, places: readonly string[]): Shown {
    const isSure = ms > this.#errorMs
    const sentence = isSure ? what : `${what}, which is not longer than their clocks may differ (${this.#errorMs} ms)`
    return { property, status: isSure ? 'violated' : 'unknown', sentence, places }
  }
}

function endWords({ key, endedBy }: Backing): string {
  const name = JSON.stringify(key)
  switch (endedBy) {
    case 'released':
      return `${name} had been released`
    case 'deleted':
      return `${name} had been deleted`
    case 'taken':
      return `another client had taken ${name} away`
    case 'forgotten':
      return `the server had lost ${name}`
    default:
      return `${name} had expired`
  }
}

const rounded = (ms: number): number => Math.round(ms * 1_000) / 1_000
