/**
 * The clock of a served Redis: the machine's, or one that stands still until a command moves it.
 */
import type { ServeClockKind } from '../serve-clock-kind.ts'
import { sleep } from './sleep.ts'

/** The last microsecond of a millisecond. */
const MS_END = 0.999

export interface ServeClock {
  /** Whole microseconds since 1970. */
  nowUs(): number
  /** Moves it, or waits until the machine's has moved. */
  pass(ms: number): void
}

/** The wall clock with the microseconds that `Date` does not tell; within the millisecond that it does. */
function machineClock(): ServeClock {
  let offsetMs = Date.now() - performance.now()
  return {
    nowUs() {
      const wallMs = Date.now()
      const fractionMs = offsetMs + performance.now() - wallMs
      if (fractionMs >= 0 && fractionMs < 1) return Math.floor((wallMs + fractionMs) * 1000)
      // The wall clock is right, and as it has just ticked this is where its millisecond begins or ends.
      offsetMs -= fractionMs < 0 ? fractionMs : fractionMs - MS_END
      return wallMs * 1000 + (fractionMs < 0 ? 0 : 999)
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
