/** Records of a cached value before a database: what readers were served, and how the value was made, filled in, changed. */
import * as z from 'zod'
import { number, REASON, reader, shape, TOKEN, text } from './shape.ts'

const VALUE = ['value', number] as const
const ID = ['id', text] as const

export const get = {
  invoke: shape(ID),
  ok: shape(ID, VALUE, ['from', z.enum(['cache', 'database'])]),
  fail: shape(ID, REASON),
} as const
export const rebuild = { invoke: shape(TOKEN), ok: shape(TOKEN, VALUE), fail: shape(TOKEN, REASON) } as const
export const fill = {
  invoke: shape(TOKEN, VALUE),
  ok: shape(TOKEN, VALUE),
  fail: shape(TOKEN, VALUE),
  info: shape(TOKEN, VALUE, REASON),
} as const
/** `ok` and `info` name the token of the steps that it took. */
export const update = {
  invoke: shape(ID, VALUE),
  ok: shape(ID, VALUE, ['steps', text]),
  fail: shape(ID, VALUE),
  info: shape(ID, VALUE, ['steps', text]),
} as const
/** One step of an update: the `write` of the database, or `invalidate`. */
export const step = { invoke: shape(TOKEN, VALUE), ok: shape(TOKEN, VALUE), info: shape(TOKEN, VALUE, REASON) } as const

export const servedValue = reader(get.ok, 'value')
export const servedFrom = reader(get.ok, 'from')
export const filledValue = reader(fill.invoke, 'value')
export const updatedValue = reader(update.invoke, 'value')
export const updateSteps = reader(update.ok, 'steps')
