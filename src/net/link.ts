/**
 * One direction between two machines: how long a message takes, and whether the way is blocked.
 *
 * Latencies are drawn from the link's own stream, whole microseconds, uniform between two bounds.
 * A blocked link holds messages; they arrive, in order, after it heals (TCP sends them again).
 */
import type { RandomStream } from '../sim/random.ts'
import type { World } from '../sim/world.ts'

/** Bounds of the one-way latency, µs. */
export interface Latency {
  readonly minUs: number
  readonly maxUs: number
}

export class Link {
  readonly from: string
  readonly to: string
  latency: Latency
  /** Since when it is blocked; null: it is open. */
  blockedSinceUs: number | null = null
  readonly #world: World
  readonly #random: RandomStream
  /** How many faults block it at the moment: two partitions may overlap. */
  #blockCount = 0
  readonly #waiting: (() => void)[] = []

  constructor(world: World, { from, to, latency }: Pick<Link, 'from' | 'to' | 'latency'>, random: RandomStream) {
    this.from = from
    this.to = to
    this.latency = latency
    this.#world = world
    this.#random = random
  }

  get isBlocked(): boolean {
    return this.#blockCount > 0
  }

  /** How long the next message takes. */
  drawUs(): number {
    const { minUs, maxUs } = this.latency
    return minUs === maxUs ? minUs : this.#random.between(minUs, maxUs)
  }

  block(): void {
    this.#blockCount += 1
    this.blockedSinceUs ??= this.#world.nowUs
  }

  /** Undoes one `block`; when the last is undone, everything that waited goes on its way. */
  unblock(): void {
    this.#blockCount -= 1
    if (this.#blockCount > 0) return
    this.blockedSinceUs = null
    for (const resume of this.#waiting.splice(0)) resume()
  }

  /** Calls `resume` when the link is open again. */
  whenOpen(resume: () => void): void {
    this.#waiting.push(resume)
  }
}
