/**
 * The moments at which it matters what a lease says: when a client is told that it has the lock, and just after a key has
 * run out. Between its own turns a process does nothing, and what it would say may have changed.
 */
import type { World } from '../sim/world.ts'

/** Milliseconds are the unit of leases: until then a difference is rounding. */
const ROUNDING_US = 2_000

export class Moments {
  readonly #world: World
  readonly #looks: (() => void)[] = []

  constructor(world: World) {
    this.#world = world
  }

  /** Calls `look` at each of them. The trace is listened to only where some lease asks for it. */
  watch(look: () => void): void {
    this.#looks.push(look)
    if (this.#looks.length > 1) return
    const { trace } = this.#world
    const { onRecord } = trace
    const lookAll = (): void => {
      for (const each of this.#looks) each()
    }
    trace.onRecord = (record) => {
      onRecord?.(record)
      if (record.op === 'acquire' && record.type === 'ok') lookAll()
      else if (record.op === 'expired' && record.type === 'truth')
        this.#world.schedule(this.#world.nowUs + ROUNDING_US, null, 'timer', lookAll)
    }
  }
}
