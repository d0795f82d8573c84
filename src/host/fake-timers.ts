/**
 * Fake timers of a test runner (Vitest's, Jest's, Sinon's) put functions of their own in place of what a simulated machine shows to
 * code. While worlds run, ours are put back; afterwards the test's are where they were, with all that they know.
 */
import timers from 'node:timers'
import timersPromises from 'node:timers/promises'

type Place = Record<string, unknown>

const TIMERS = ['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'clearImmediate']

/** Everything that fake timers are known to replace. */
const PLACES: readonly (readonly [place: object, names: readonly string[]])[] = [
  [globalThis, [...TIMERS, 'Date', 'Intl', 'queueMicrotask']],
  [timers, TIMERS],
  [timersPromises, ['setTimeout', 'setInterval', 'setImmediate']],
  [performance, ['now']],
  [process, ['hrtime', 'nextTick']],
]

/** Remembers what is in place now; what it returns puts that back, and what that returns undoes it. */
export function keptInPlace(): () => () => void {
  const ours = PLACES.flatMap(([place, names]) =>
    names.map((name) => ({ place: place as Place, name, value: (place as Place)[name] })),
  )
  return () => {
    const replaced = ours.flatMap(({ place, name, value }) => {
      const theirs = place[name]
      if (theirs === value) return []
      place[name] = value
      return [{ place, name, theirs }]
    })
    return () => {
      for (const { place, name, theirs } of replaced) place[name] = theirs
    }
  }
}
