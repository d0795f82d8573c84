/**
 * lockstorm for Vitest 4.1 and 5: two matchers and a kind of test.
 *
 * ```ts
 * import { expect } from 'vitest'
 * import { run } from 'lockstorm'
 * import { test } from 'lockstorm/vitest'
 * import { lock } from './my-lock'
 *
 * test.storm('my lock survives every storm of one fault', lock, { allow: 'limit' })
 *
 * test('the same as a matcher', async () => {
 *   await expect(lock).toSurvive({ faults: 1, allow: 'limit' })
 *   expect(await run('partition-of-holder', { lock })).toBeValid()
 * }, 60_000)
 * ```
 *
 * A hunt ends half a second before the time of its test is over; what is not found by then is unknown, which fails, too. Fake timers
 * may be on: worlds have times of their own. A lock may be imported before this file, unless a package of its own keeps a timer
 * function that it took when it was loaded (bluebird does); `setupFiles: ['lockstorm/vitest']` comes before everything.
 */
// Installs virtual time. The rest is loaded when the first hunt begins.
import './world/node/environment.ts'
import { fileURLToPath } from 'node:url'
import { expect, test as plainTest, TestRunner } from 'vitest'
import type { Result } from './engine/assert-valid.ts'
import type { JudgeResult } from './engine/door.ts'
import type { HuntOptions, SubjectDefinition } from './engine/options.ts'
import { resultText } from './engine/result-text.ts'
import { realTimers, realUs } from './sim/real-clock.ts'

/** A file (from the folder that Vitest runs in, or a URL), the name of a built-in lock, or an object. */
export type Tested = string | URL | SubjectDefinition

/** As the options of `hunt`; `faults` is 1 unless it says otherwise. */
export type StormOptions = Omit<HuntOptions, 'signal'>

/** What this file adds to `expect`. */
export interface LockstormMatchers {
  /** A lock, session store or web application survives a hunt; by a promise. */
  toSurvive(options?: StormOptions): Promise<void>
  /** What `hunt`, `run`, `replay` or `judge` came to is fine. */
  toBeValid(): void
}

/** A test that is a hunt. */
type Storm = (name: string, lock: Tested, options?: StormOptions & { readonly timeout?: number }) => void

/** Of the test that calls a matcher. */
interface TestTime {
  readonly timeout: number
  readonly result?: { readonly startTime?: number; readonly retryCount?: number; readonly repeatCount?: number }
}

/** The search ends this long before the time of its test is over, so that what it found can be told. */
const TELL_MS = 500
/** The last moment at which a test can end by itself. */
const LAST_MS = 50
const STORM_TIMEOUT_MS = 60_000

const storm =
  (add: typeof plainTest | typeof plainTest.skip): Storm =>
  (name, lock, { timeout = STORM_TIMEOUT_MS, ...options } = {}) => {
    const frames = callSite()
    add(name, { timeout }, async () => survive(lock, options, { frames, isNot: false, leftMs: timeout }))
  }

/** Vitest's `test`, and `test.storm(name, lock, options)`. */
export const test: typeof plainTest & { readonly storm: Storm & { readonly only: Storm; readonly skip: Storm } } =
  Object.assign(plainTest, {
    storm: Object.assign(storm(plainTest), { only: storm(plainTest.only), skip: storm(plainTest.skip) }),
  })

expect.extend({
  async toSurvive(lock: Tested, options: StormOptions = {}) {
    const { isNot } = this
    await survive(lock, options, { frames: callSite(), isNot, leftMs: timeLeftMs(this) })
    return { pass: !isNot, message: () => '' }
  },
  toBeValid(result: Result | JudgeResult) {
    // What is asked for is data of lockstorm's own: it is not loaded again for this.
    const isFine = 'outcome' in result ? result.outcome === 'fine' : result.status === 'valid'
    return { pass: isFine, message: () => (isFine ? 'expected something to be wrong' : told(result)) }
  },
})

interface Trial {
  /** The lines of the stack at which it was called. */
  readonly frames: string
  readonly isNot: boolean
  /** How long the test may last from now on; infinite: for ever. */
  readonly leftMs: number
}

/** Hunts; throws, at the line of the test, unless the lock survives (with `isNot`: unless it does not). */
async function survive(lock: Tested, options: StormOptions, { frames, isNot, leftMs }: Trial): Promise<void> {
  const untilUs = realUs() + leftMs * 1000
  const [{ assertValid }, { watchedHunt }, { sentenceOf }] = await Promise.all([
    import('./engine/assert-valid.ts'),
    import('./engine/door.ts'),
    import('./words/sentence.ts'),
  ])
  const over = new AbortController()
  const timers: unknown[] = []
  const before = (ms: number, task: () => void): void => {
    const leftMs = (untilUs - realUs()) / 1000 - ms
    if (leftMs < 2 ** 31) timers.push(realTimers.setTimeout(task, Math.max(0, leftMs)))
  }
  const found: string[] = []
  const late = new Promise<never>((_, reject) => before(LAST_MS, () => reject(new Error(outOfTime(found)))))
  before(TELL_MS, () => over.abort())
  try {
    const result = await Promise.race([
      watchedHunt(
        lock instanceof URL ? fileURLToPath(lock) : lock,
        { faults: 1, ...options, signal: over.signal },
        { onFinding: ({ violation }) => found.push(sentenceOf(violation)) },
      ),
      late,
    ])
    const { stoppedBy, statement } = result.report
    if (stoppedBy === 'interrupt' && result.status !== 'violated') throw new Error(`${outOfTime([])}\n${statement}`)
    if (!isNot) assertValid(result)
    else if (result.outcome === 'fine') throw new Error(`expected a lock that does not survive, but ${statement}`)
    else if (result.outcome !== 'failed') assertValid(result)
  } catch (error) {
    throw at(error, frames)
  } finally {
    for (const timer of timers) realTimers.clearTimeout(timer)
  }
}

/** What is said when the time of the test is over. */
const outOfTime = (found: readonly string[]): string =>
  found.length === 0
    ? '? unknown: the time of this test was over before the hunt was\n  fix: give the test more time, or the hunt fewer faults'
    : `✗ violated, but there was no time to tell it:\n  ${found.join('\n  ')}\n  fix: give the test more time, or the hunt fewer faults`

/** An error that points at the test, whatever it was thrown by. */
function at(error: unknown, frames: string): unknown {
  if (error instanceof Error) error.stack = `${error.name}: ${error.message}\n${frames}`
  return error
}

/** The lines of the stack from the caller of the matcher on. */
function callSite(): string {
  const { stack = '' } = new Error()
  const frames = stack.split('\n').filter((line) => line.startsWith('    at '))
  return frames.filter((line) => !line.includes(OWN_FILE)).join('\n')
}

const OWN_FILE = fileURLToPath(import.meta.url)

/** How long the test may still last, by what Vitest says of it. */
function timeLeftMs({ assertion }: { readonly assertion?: unknown }): number {
  const { __flags: flags } = (assertion ?? {}) as { readonly __flags?: { readonly 'vitest-test'?: TestTime } }
  const running = flags?.['vitest-test'] ?? (TestRunner.getCurrentTest() as TestTime | undefined)
  if (running === undefined || !(running.timeout > 0)) return Number.POSITIVE_INFINITY
  const { startTime, retryCount = 0, repeatCount = 0 } = running.result ?? {}
  // Of a second try it does not say when it began: it has, just now.
  const isFirst = startTime !== undefined && retryCount === 0 && repeatCount === 0
  return isFirst ? startTime + running.timeout - realUs() / 1000 : running.timeout
}

/** A result that is not fine, as the terminal tells it. */
function told(result: Result | JudgeResult): string {
  if ('outcome' in result) return resultText.of(result)
  switch (result.status) {
    case 'violated':
      return result.violations.map(({ sentence, why }) => `✗ ${sentence}: ${why}`).join('\n')
    case 'unknown':
      return `? unknown: ${result.reason}`
    default:
      return `! ${result.status}`
  }
}
