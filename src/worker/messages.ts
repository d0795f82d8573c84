/** What a supervised worker and its supervisor say to each other: plain data. */

/** Why a worker is gone: it did not come to an end, or used up its memory. */
export type LossReason = 'spins' | 'memory'

/** What cost a worker: what it was at, as a number that who asked understands. */
export interface Loss {
  readonly ordinal: number
  readonly reason: LossReason
}

/** What code under test has printed, in lines. */
export interface Printed {
  readonly lines: number
  /** Of drivers: errors that no listener of the code heard. */
  readonly noise: number
}

/** What a worker is told. */
export type Order<Request> = { readonly kind: 'ask'; readonly request: Request } | { readonly kind: 'close' }

/** What a worker says. */
export type Message<Opening, Answer> =
  | { readonly kind: 'opening'; readonly opening: Opening }
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'error'; readonly error: unknown }
  | { readonly kind: 'closed' }

/** Places in the memory that both share. */
export const SIGN_OF_LIFE = 0
/** What the worker is at, as a number that its supervisor understands. */
export const ORDINAL = 1
/** Not 0: it should come to an end. */
export const STOP = 2
/** Not 0: what it works on is loaded, and it is trying it out. */
export const LOADED = 3
/** How many lines the code under test has printed, and how many errors its driver has told nobody in particular of. */
export const PRINTED = 4
export const NOISE = 5
export const SLOT_COUNT = 6
