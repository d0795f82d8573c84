/** Records of a leader election: campaigns, and the terms for which a candidate was told that it leads. */
import { number, orNull, REASON, reader, shape, TOKEN } from './shape.ts'

/** A campaign was begun. */
export const campaign = {
  invoke: shape(TOKEN),
  ok: shape(TOKEN),
  info: shape(TOKEN, REASON),
} as const
export const resign = campaign

/** `invoke`: it was elected; `ok`: it was about to resign; `fail`: it was deposed. */
export const lead = {
  invoke: shape(TOKEN, ['term', orNull(number)]),
  ok: shape(TOKEN),
  fail: shape(TOKEN),
} as const

/** The number of the term for which a candidate was elected; null: the election has no numbers. */
export const termOf = reader(lead.invoke, 'term')
