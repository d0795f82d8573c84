/**
 * Does several things at the same time and gives what came of them in their order, whichever was done first.
 */

/** So many are begun or wait before the first of them has ended, for each who can work at the same time. */
export const AHEAD = 3

/**
 * What came of the things numbered from 0; ends early when `interrupted` resolves. What was begun by then ends before this
 * does.
 *
 * @param atOnce so many are begun before the first of them has ended
 */
export async function* inOrder<T>(
  count: number,
  atOnce: number,
  begin: (index: number) => Promise<T>,
  interrupted: Promise<unknown> = new Promise(() => {}),
): AsyncGenerator<T, void> {
  const stop = interrupted.then(() => null)
  const running: Promise<{ readonly outcome: T }>[] = []
  let begun = 0
  try {
    for (let taken = 0; taken < count; taken += 1) {
      while (running.length < atOnce && begun < count) {
        const done = begin(begun++).then((outcome) => ({ outcome }))
        // It is awaited in its turn; until then its failure is nobody's.
        done.catch(() => {})
        running.push(done)
      }
      const done = await Promise.race([running.shift() as Promise<{ readonly outcome: T }>, stop])
      if (done === null) return
      yield done.outcome
    }
  } finally {
    await Promise.allSettled(running)
  }
}
