/**
 * The report of a run: what `run --json` prints and `report.json` holds, the source of truth of every other format.
 *
 * Invariants
 * - The same plan gives the same bytes: wall times and the host's name are in `meta.json`, never here.
 * - Cells are in the order of scenarios, then of subjects, as they were asked for.
 */

import type { InLanguages } from '../text/language.ts'
import type { ToldViolation } from '../words/told-violation.ts'
import type { Story } from '../world/story-data.ts'
import type { Expectation } from './expectation.ts'

/** A verdict as a word. */
export type Status = 'valid' | 'violated' | 'unknown' | 'vacuous'

export interface ReportedViolation extends ToldViolation {
  /** Replays the world in which it was seen: `lockstorm replay <token>`. */
  readonly token: string
}

/** One subject in one scenario. */
export interface Cell {
  readonly scenario: string
  /** The lock or the session store. */
  readonly lock: string
  /** What it was given: the client of the run, or the one that it needs. */
  readonly client: string
  readonly workload: string
  /** How many independent Redis nodes its worlds had; missing: one. */
  readonly nodes?: number
  readonly verdict: Status
  /** For `unknown` and `vacuous`: which limit, or what was missing. Otherwise empty. */
  readonly detail: string
  /** Null: the scenario says nothing about this subject (a lock of the user's), and no bug is expected of it. */
  readonly expected: Expectation | null
  readonly asExpected: boolean
  /** Worlds that were run, and how many of them were violated. */
  readonly worlds: number
  readonly violatedWorlds: number
  /** What `lockstorm replay` is given besides a token of it: files that did not come with lockstorm; missing: nothing. */
  readonly replayWith?: readonly string[]
  /** Over the histories of all worlds of this cell. */
  readonly historyHash: string
  /** One of each property, worst first. */
  readonly violations: readonly ReportedViolation[]
  /** File name (in `histories/`) of the world shown: the first violated one, else the first. */
  readonly history: string
  /** What happened at least once in these worlds, such as "a lease expired while its holder believed in it". */
  readonly sometimes: readonly string[]
}

export interface Report {
  readonly schema: 'lockstorm/report@2'
  /** ENGINE_VERSION: a token replays on the engine that made it. */
  readonly engine: string
  readonly seed: string
  /** What answered: `memory`, or the real server with its version. */
  readonly redis: string
  /** What subjects were given that do not say which client they need. */
  readonly client: string
  readonly deterministic: boolean
  readonly cells: readonly Cell[]
  readonly totals: {
    readonly cells: number
    readonly asExpected: number
    readonly notAsExpected: number
    readonly valid: number
    readonly violated: number
    readonly unknown: number
    readonly vacuous: number
    readonly worlds: number
  }
}

/** What a reader needs besides the cells: the scenarios' words, and the history of the world shown for each cell. */
export interface ReportMaterial {
  readonly report: Report
  readonly scenarios: ReadonlyMap<
    string,
    {
      readonly title: string
      readonly story: string
      readonly faults: readonly InLanguages[]
      /** Numbers of the pitfalls that it teaches: `P01`; missing: none. */
      readonly teaches?: readonly string[]
    }
  >
  readonly subjects: ReadonlyMap<
    string,
    {
      readonly title: string
      readonly commands: string
      /** The code of one that came with lockstorm, line by line; missing: it is not known. */
      readonly code?: readonly string[]
    }
  >
  /** By `scenario` + '/' + `lock`. */
  readonly histories: ReadonlyMap<string, Story>
}
