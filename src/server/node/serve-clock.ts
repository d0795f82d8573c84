/**
 * The clock of a served Redis: the machine's, or one that stands still until a command moves it.
 */
import type { ServeClockKind } from '../serve-clock-kind.ts'
import { sleep } from './sleep.ts'

/** Beyond this difference the wall clock was set, or the machine slept. */
const DRIFT_MS_MAX = 5

export interface ServeClock {
  /** Whole microseconds since 1970. */
  nowUs(): number
  /** Moves it, or waits until the machine's has moved. */
  pass(ms: number): void
}

/** The wall clock with the microseconds that `Date` does not tell. */
function machineClock(): ServeClock {
  let offsetMs = Date.now() - performance.now()
  return {
    nowUs() {
      const wallMs = Date.now()
      if (Math.abs(offsetMs + performance.now() - wallMs) > DRIFT_MS_MAX) offsetMs = wallMs - performance.now()
      return Math.floor((offsetMs + performance.now()) * 1000)
    },
    pass: sleep,
  }
}

/** Begins at the present time. */
function manualClock(): ServeClock {
  let nowUs = Date.now() * 1000
  return {
    nowUs: () => nowUs,
    pass(ms) {
      nowUs += Math.round(ms * 1000)
    },
  }
}

export const serveClock = (kind: ServeClockKind): ServeClock => (kind === 'manual' ? manualClock() : machineClock())
