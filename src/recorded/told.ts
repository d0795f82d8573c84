/** What recorded histories show: certain, or not, because clocks do not agree well enough. */

import * as z from 'zod'
import type { Cause } from '../check/cause.ts'
import type { PropertyName } from '../check/verdict.ts'

/** One thing that a recording shows. */
export interface Shown {
  readonly property: PropertyName
  /** `violated`: it is certain. `unknown`: the evidence cannot decide it, and the sentence says why. */
  readonly status: 'violated' | 'unknown'
  readonly sentence: string
  /** The lines that show it. */
  readonly places: readonly string[]
  /** Why it happened, where the evidence says it. */
  readonly cause?: Cause
}

/** Told at most of one kind, so that a recording of any length is judged in a bounded memory. */
const SHOWN_MAX = 1_000

/** What is shown, and how much more of it there was. */
export class ShownList {
  readonly all: Shown[] = []
  /** Not kept. */
  moreCount = 0
  readonly #counts = new Map<string, number>()

  add(shown: Shown): void {
    const kind = `${shown.property} ${shown.status}`
    const count = this.#counts.get(kind) ?? 0
    this.#counts.set(kind, count + 1)
    if (count < SHOWN_MAX) this.all.push(shown)
    else this.moreCount += 1
  }
}

/** A token in a line; what is none is not repeated either, for it may be one that was written otherwise. */
export const TOKEN = z.string({ error: 'a token is a text that is not empty' }).min(1)

/** A token as people may see it: none is ever printed. */
export const nameOfToken = (hash: string): string => `#${hash.slice(0, 6)}`
