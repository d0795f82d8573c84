/**
 * What the page and its worker say to each other: requests and their answers, plain data both ways.
 *
 * A request has a number, and its answer the same. Of a long one the page hears notes before the answer; it may drop a request, whose
 * answer is then of no use to it.
 */
import type { Anchor, PlannedFault } from '../fault/fault.ts'
import type { CellWord } from '../text/status-word.ts'
import type { ToldViolation } from '../words/told-violation.ts'
import type { Plan } from '../world/plan.ts'
import type { Story } from '../world/story-data.ts'

/** What is under test: something that comes with lockstorm, or the text of the editor, made a plain script (`plain-script.ts`). */
export type Code =
  | { readonly kind: 'built-in'; readonly name: string }
  | { readonly kind: 'own'; readonly text: string; readonly script: string }

/** What a token or the name of a scenario leads to. */
export interface Opened {
  readonly plan: Plan
  /** The subject that a token names; null: the name of a scenario names none. */
  readonly subject: string | null
}

/** One scenario that comes with lockstorm. */
export interface ScenarioEntry {
  /** Of a lesson's storm the path of its file. */
  readonly name: string
  readonly title: string
  readonly story: string
}

/** One subject that comes with lockstorm. */
export interface SubjectEntry {
  readonly name: string
  readonly title: string
  readonly kind: string
  /** The scenarios that are made for it, by name. */
  readonly scenarios: readonly string[]
}

/** What came of one world. */
export interface Look {
  /** As it was run: with the nodes that the subject needs. */
  readonly plan: Plan
  /** What was run in the place of a plan that is for another kind of subject: a calm one; null: the plan that was asked for. */
  readonly instead: Plan | null
  readonly subject: {
    readonly name: string
    readonly kind: string
    readonly title: string
    /** How the code was understood; null: it said so itself. */
    readonly understood: string | null
  }
  readonly word: CellWord
  /** Why there is no answer, or nothing was tested; null where there is one. */
  readonly reason: string | null
  /** The worst first. */
  readonly violations: readonly HeadedViolation[]
  readonly story: Story
  readonly historyHash: string
  /** Replays this world in a terminal; null: no token can hold its plan. */
  readonly token: string | null
  /** The faults of the plan, in their order. */
  readonly faults: readonly FaultLook[]
  /** Of each message of the story: what can strike it. Null: it is no client's message, or no fault can be anchored at it. */
  readonly messages: readonly (MessageLook | null)[]
  /** Of each client and each Redis node: a clock that can be set. */
  readonly clocks: readonly string[]
}

/** A violation with what its property is called when it is broken. */
export interface HeadedViolation extends ToldViolation {
  readonly heading: string
}

/** One fault of a plan. */
export interface FaultLook {
  readonly fault: PlannedFault
  /** `pause A for 2 s` */
  readonly words: string
  /** `A before send 3` */
  readonly at: string
  /** When it struck, true µs; null: it did not. */
  readonly struckUs: number | null
  /** The setting that is its size; null: it has none. */
  readonly size: FaultSize | null
  /** What it does that a picture shows as something to be dragged. */
  readonly does: 'stops' | 'delays-message' | 'moves-clock' | 'other'
  readonly processes: readonly string[]
}

/** How large a fault is, and may be. */
export interface FaultSize {
  readonly key: string
  readonly us: number
  /** It may be less than nothing: a clock that is behind. */
  readonly isSigned: boolean
  readonly maxUs: number
}

/** A message that a fault can be anchored at. */
export interface MessageLook {
  /** Whose it is. */
  readonly process: string
  readonly direction: 'request' | 'reply'
  readonly at: Anchor
  /** What can be made to happen there, each kind once, with the size that breaks locks. */
  readonly faults: readonly { readonly fault: PlannedFault; readonly words: string }[]
}

/** In which sizes of a fault nothing changes. */
export interface Slack {
  readonly fromUs: number
  readonly untilUs: number
  /** What comes of sizes just below the range; null: nothing else does, down to the smallest. */
  readonly below: Turn | null
  /** The same above it. */
  readonly above: Turn | null
  /** How many worlds were run to know that. */
  readonly worlds: number
}

/** Where the verdict turns, and to what. */
export interface Turn {
  readonly atUs: number
  readonly word: CellWord
  /** What is violated then, in a sentence; null: nothing is. */
  readonly sentence: string | null
}

/** What a hunt has found so far, or at its end. */
export interface Hunted {
  readonly tried: number
  /** Null: it is not known how many storms there will be. */
  readonly planned: number | null
  readonly findings: readonly HuntFinding[]
  /** In words, what was tried; null: it is still going on. */
  readonly claim: string | null
}

/** One way in which the subject fails, with its smallest storm. */
export interface HuntFinding {
  readonly key: string
  readonly kind: 'bug' | 'limit'
  readonly heading: string
  readonly sentence: string
  readonly plan: Plan
  /** `pause A for 240 ms at A before send 3` */
  readonly storm: readonly string[]
  /** What cured it when it was run again, as advice. */
  readonly cures: readonly string[]
}

/** The requests, each with its answer. */
export interface Requests {
  /** What there is to choose from. */
  readonly catalogue: {
    readonly ask: Record<never, never>
    readonly answer: { readonly subjects: readonly SubjectEntry[]; readonly scenarios: readonly ScenarioEntry[] }
  }
  /** The plan that a word means: a token, or the name of a scenario. */
  readonly open: { readonly ask: { readonly word: string; readonly seed: string }; readonly answer: Opened }
  /** The plan without faults that a hunt of this subject begins with. */
  readonly base: { readonly ask: { readonly code: Code }; readonly answer: { readonly plan: Plan } }
  readonly look: { readonly ask: { readonly code: Code; readonly plan: Plan }; readonly answer: Look }
  /** `fault`: its index in the plan. */
  readonly slack: {
    readonly ask: { readonly code: Code; readonly plan: Plan; readonly fault: number }
    readonly answer: Slack
  }
  /** From the calm of this plan; it hears notes of its own kind, and ends early when it is dropped. */
  readonly hunt: {
    readonly ask: { readonly code: Code; readonly plan: Plan; readonly faults: 1 | 2 }
    readonly answer: Hunted
  }
}

export type RequestName = keyof Requests
export type Ask<Name extends RequestName> = Requests[Name]['ask']
export type Answer<Name extends RequestName> = Requests[Name]['answer']

export type ToWorker =
  | { readonly kind: 'ask'; readonly number: number; readonly name: RequestName; readonly ask: Ask<RequestName> }
  | { readonly kind: 'drop'; readonly number: number }

export type FromWorker =
  | { readonly kind: 'ready' }
  /** It is at work: a world is over. */
  | { readonly kind: 'alive' }
  | { readonly kind: 'note'; readonly number: number; readonly note: unknown }
  | { readonly kind: 'answer'; readonly number: number; readonly answer: unknown }
  /** What the user got wrong, or code that cannot be run; `isOurs`: a bug of lockstorm. */
  | { readonly kind: 'problem'; readonly number: number; readonly text: string; readonly isOurs: boolean }
