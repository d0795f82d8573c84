/** The clocks that a served Redis may have: the machine's, or one that a command moves. */

export const SERVE_CLOCKS = ['real', 'manual'] as const

export type ServeClockKind = (typeof SERVE_CLOCKS)[number]
