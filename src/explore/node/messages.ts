/** What a hunt and its workers say to each other: plain data. */
import type { Plan } from '../../world/plan.ts'
import type { Story } from '../../world/story-data.ts'
import type { Unit, UnitResult } from '../unit.ts'

/** What a worker says when it has loaded its subject. */
export interface Opening {
  readonly subject: { readonly name: string; readonly kind: 'lock' | 'session' }
  readonly bases: readonly Plan[]
  readonly redis: string
  readonly redisKind: string
  readonly isDeterministic: boolean
  /** What the Redis cannot do, to be told once; null: nothing. */
  readonly warning: string | null
}

export type Request =
  | {
      readonly kind: 'run'
      readonly unit: Unit
      readonly skipped: readonly number[]
    }
  | { readonly kind: 'plan'; readonly unit: Unit; readonly ordinal: number }
  | { readonly kind: 'tell'; readonly plan: Plan }

export type Answer =
  | { readonly kind: 'result'; readonly result: UnitResult }
  | { readonly kind: 'plan'; readonly plan: Plan | null }
  | { readonly kind: 'story'; readonly story: Story }
