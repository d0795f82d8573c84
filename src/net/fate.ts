/**
 * What becomes of a message: it passes, it is late, or its connection is cut in its place. The network asks before each
 * message; a fault that is anchored there answers.
 *
 * Does not model  a message that is lost alone: TCP sends it again, so what a program sees is a late message or a reset.
 *
 * Source: turmoil-net's rules answer `Pass`, `Deliver` after a while, or `Drop`.
 */

/** What becomes of a message that is about to be sent. */
export type Fate =
  | { readonly kind: 'pass' }
  /** It is under way for `byUs` longer, and everything behind it on its connection waits. */
  | { readonly kind: 'late'; readonly byUs: number }
  /** Its connection is reset instead. */
  | { readonly kind: 'cut' }

/** Nearly every message: one object for all of them, so that nothing is allocated. */
export const PASS: Fate = { kind: 'pass' }
export const CUT: Fate = { kind: 'cut' }
export const late = (byUs: number): Fate => ({ kind: 'late', byUs })

/** When the process at the other end sees a message that has arrived: at once, or when the pause is over that began here. */
export type Delivery = 'now' | 'after the pause'
