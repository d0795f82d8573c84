/** The shapes of the records of the truth lane; `truth.ts` reads them. */
import { number, orNull, shape, text } from './shape.ts'

const WHO = [
  ['key', text],
  /** Who changed it: a client, `time`, or what happened to the node itself. */
  ['by', text],
  /** Whose it was before. */
  ['owner', text],
] as const

export const gone = shape(...WHO)
export const held = shape(
  ...WHO,
  ['text', orNull(text)],
  /** When it ends, in true time by the node's clock of that moment; null: never. */
  ['expireUs', orNull(number)],
  /** How long it was given, µs of the node's clock; null: for ever. */
  ['ttlUs', orNull(number)],
)
