/** Records of the counter behind a lock: read, work, write one more. */
import { lastOptional, number, REASON, reader, shape, TOKEN } from './shape.ts'

const VALUE = ['value', number] as const

/** `fail` without a reason: the storage refused the fencing token. */
export const read = {
  invoke: shape(TOKEN),
  ok: shape(TOKEN, VALUE),
  fail: lastOptional(shape(TOKEN, REASON)),
} as const
export const work = { invoke: shape(TOKEN), ok: shape(TOKEN) } as const
export const write = {
  invoke: shape(TOKEN, VALUE),
  ok: shape(TOKEN, VALUE),
  fail: shape(TOKEN, VALUE),
  info: shape(TOKEN, REASON),
} as const

/** A holder noticed in time that its lease had ended, and did not write. */
export const gaveUp = shape(TOKEN)

export const readValueOf = reader(read.ok, 'value')
export const writtenValue = reader(write.invoke, 'value')
