/**
 * Which of several messages that reach a server in one moment comes first: the only freedom that is left when nothing
 * goes wrong and every message takes equally long.
 *
 * Each time messages of several connections arrive at one process together, a choice is made: the connection whose message
 * is first, counted in the order in which they were sent; then the next one among the rest. Messages of one connection
 * keep their order, as in TCP.
 *
 * Source: stateless model checking with bounded deviations from a default schedule (Emmi, Qadeer, Rakamaric:
 * "Delay-bounded scheduling", POPL 2011).
 */
import type { SimProcess } from '../sim/process.ts'
import type { World } from '../sim/world.ts'

interface Arrival {
  /** The connection it came on. */
  readonly from: object
  readonly deliver: () => void
}

export class ArrivalOrder {
  readonly #world: World
  readonly #choices: readonly number[]
  readonly #gathering = new Map<SimProcess, Map<number, Arrival[]>>()
  /** How many connections there were to choose from, at each choice that was made. */
  readonly widths: number[] = []

  constructor(world: World, choices: readonly number[]) {
    this.#world = world
    this.#choices = choices
  }

  /** A message that arrives at a server. */
  arrive(process: SimProcess, atUs: number, from: object, deliver: () => void): void {
    let moments = this.#gathering.get(process)
    if (moments === undefined) {
      moments = new Map()
      this.#gathering.set(process, moments)
    }
    const together = moments.get(atUs)
    if (together !== undefined) {
      together.push({ from, deliver })
      return
    }
    moments.set(atUs, [{ from, deliver }])
    const gathered = moments
    this.#world.schedule(atUs, null, 'io', () => {
      const arrivals = gathered.get(atUs) as Arrival[]
      gathered.delete(atUs)
      for (const arrival of this.#inOrder(arrivals)) this.#world.schedule(atUs, process, 'io', arrival.deliver)
    })
  }

  #inOrder(arrivals: Arrival[]): Arrival[] {
    const ordered: Arrival[] = []
    while (arrivals.length > 0) {
      const connections = [...new Set(arrivals.map(({ from }) => from))]
      const first = connections.length === 1 ? connections[0] : connections[this.#choose(connections.length)]
      const index = arrivals.findIndex(({ from }) => from === first)
      ordered.push(...arrivals.splice(index, 1))
    }
    return ordered
  }

  #choose(width: number): number {
    const choice = this.#choices[this.widths.length] ?? 0
    this.widths.push(width)
    // A shrunk plan has fewer clients than the one its choices were made for.
    return Math.min(choice, width - 1)
  }
}
