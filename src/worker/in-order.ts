/**
 * The conveyor: works on several items at the same time and gives what came of them in their order, whichever was done first.
 * Hunts, frontiers and suites take their results from it, so their answers do not depend on the number of workers.
 */

/** For each who can work at the same time, this many items are begun before the first of them has ended. */
export const AHEAD = 3

export interface Belt<Item, Outcome> {
  /** Taken when there is room, so there may be infinitely many. */
  readonly items: Iterable<Item>
  /** How many are begun before the first of them has ended. */
  readonly atOnce: number
  readonly begin: (item: Item) => Promise<Outcome>
  /** Asked before an item is taken: true ends the items. */
  readonly isOver?: () => boolean
  /** Ends it early. */
  readonly interrupted?: Promise<unknown>
  /** What becomes of items that were begun when it ends early; default: it waits for their end. */
  readonly abandon?: () => Promise<unknown>
}

/** What came of the items, in their order. An item that fails ends it with that failure when its turn has come. */
export async function* inOrder<Item, Outcome>(belt: Belt<Item, Outcome>): AsyncGenerator<Outcome, void> {
  const { items, atOnce, begin, isOver = () => false, interrupted = new Promise(() => {}), abandon } = belt
  const stop = interrupted.then(() => null)
  const queue = items[Symbol.iterator]()
  const running: Promise<{ readonly outcome: Outcome }>[] = []
  const fill = (): void => {
    while (running.length < atOnce && !isOver()) {
      const { value, done: isLast } = queue.next()
      if (isLast === true) return
      const done = begin(value).then((outcome) => ({ outcome }))
      // It is awaited in its turn; until then its failure must not count as unhandled.
      done.catch(() => {})
      running.push(done)
    }
  }
  let isFailed = false
  try {
    for (fill(); running.length > 0; fill()) {
      const done = await Promise.race([running[0] as Promise<{ readonly outcome: Outcome }>, stop])
      if (done === null) return
      running.shift()
      yield done.outcome
    }
  } catch (error) {
    isFailed = true
    throw error
  } finally {
    if (abandon === undefined) await Promise.allSettled(running)
    // What comes of abandoning must not hide a failure.
    else if (running.length > 0 && !isFailed) await abandon()
  }
}
