/**
 * What a worker is started for, what it opens with, what it is asked and what it answers: plain data.
 */
import type { HuntParameters } from '../explore/base-plan.ts'
import type { Unit, UnitResult } from '../explore/unit.ts'
import type { CellResult } from '../scenario/cell.ts'
import type { SuiteOutline } from '../scenario/suite.ts'
import type { Loss } from '../worker/messages.ts'
import type { ClientKind, Plan } from '../world/plan.ts'
import type { Story } from '../world/story-data.ts'
import type { ProviderChoice } from './provider.ts'

/** Scenarios against subjects. */
export interface SuiteJob {
  readonly kind: 'suite'
  /** Which scenarios; none: all that come with lockstorm. */
  readonly words: readonly string[]
  readonly lockFiles: readonly string[]
  readonly only: readonly string[]
  readonly choice: ProviderChoice
  readonly seed: string
  readonly client: ClientKind
  /** Worlds a cell; null: what each scenario says. */
  readonly runs: number | null
}

/** Storms against one subject: a hunt or a frontier. */
export interface HuntJob {
  readonly kind: 'hunt'
  /** A lock file, or the name of a built-in subject. */
  readonly lock: string
  readonly only: readonly string[]
  readonly choice: ProviderChoice
  readonly parameters: HuntParameters
}

export type Job = SuiteJob | HuntJob

/** What a worker says when it has loaded scenarios and subjects. */
export interface SuiteOpening {
  readonly outline: SuiteOutline
  /** What the Redis cannot do, to be told once; null: nothing. */
  readonly warning: string | null
}

/** What a worker says when it has loaded its subject. */
export interface HuntOpening {
  readonly subject: { readonly name: string; readonly kind: 'lock' | 'session' }
  readonly bases: readonly Plan[]
  /** In words, and as tokens name it. */
  readonly redis: string
  readonly redisKind: string
  readonly isDeterministic: boolean
  readonly warning: string | null
}

/** What a worker says when it is ready for a job. */
export type OpeningOf<Of extends Job> = Of extends SuiteJob ? SuiteOpening : HuntOpening

/** What a worker can be asked for. */
export type Item =
  /** The cell with this number. */
  | { readonly kind: 'cell'; readonly index: number }
  | { readonly kind: 'unit'; readonly unit: Unit }
  | { readonly kind: 'story'; readonly plan: Plan }

/** `losses`: what of the item cost a worker before. */
export interface Request {
  readonly item: Item
  readonly losses: readonly Loss[]
}

/** The answer to an item of each kind. */
export interface Answers {
  readonly cell: CellResult
  readonly unit: UnitResult
  readonly story: Story
}

export type Answer = Answers[Item['kind']]
