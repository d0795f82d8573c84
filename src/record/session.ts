/**
 * Records of the cart in a session: the requests of one user, and what they saw. Of a web application a status code stands
 * where a store has a reason.
 */

import * as z from 'zod'
import type { Atom } from '../sim/trace.ts'
import { lastOptional, number, orNull, reader, said, shape, TOKEN, text } from './shape.ts'

const WHY = ['why', said(z.union([text, number]))] as const
/** The fields of the session as one sorted text; null: there was none. */
const SEEN = ['seen', orNull(text)] as const
/** What is put into the cart, or taken out. */
const ITEM = ['item', text] as const

export const login = {
  invoke: shape(TOKEN),
  ok: shape(TOKEN),
  fail: lastOptional(shape(TOKEN, WHY)),
  info: shape(TOKEN, WHY),
} as const
export const logout = login
/** `read`, or the last look when all is calm (`probe`). */
export const look = { invoke: shape(TOKEN), ok: shape(TOKEN, SEEN), fail: shape(TOKEN, WHY) } as const
export const load = {
  invoke: shape(TOKEN, ITEM),
  ok: shape(TOKEN, ITEM, SEEN),
  fail: shape(TOKEN, ITEM, WHY),
} as const
/** `add` and `remove`. */
export const change = {
  invoke: shape(TOKEN, ITEM),
  ok: shape(TOKEN, ITEM),
  fail: shape(TOKEN, ITEM, WHY),
  info: shape(TOKEN, ITEM, WHY),
} as const
/** A request of which nothing is expected, by the user at the browser; a login of another user is one, too. */
export const visit = {
  invoke: lastOptional(shape(TOKEN, ['user', text])),
  ok: lastOptional(shape(TOKEN, ['user', text], ['status', said(number)])),
  fail: shape(TOKEN, WHY),
  info: lastOptional(shape(TOKEN, ['user', said(z.union([text, number]))], WHY)),
} as const

/** Whom a request came from, and who the application took that for. */
export const served = shape(TOKEN, ['asker', text], ['taken', orNull(said(text))])

export const changedItem = reader(change.invoke, 'item')
export const servedAsker = reader(served, 'asker')
export const servedTaken = reader(served, 'taken')

const seenByLoad = reader(load.ok, 'seen')
const seenByLook = reader(look.ok, 'seen')
/** What a load, a read or the last look saw. */
export const seenBy = (op: string, fields: readonly Atom[]): string | null =>
  op === 'load' ? seenByLoad(fields) : seenByLook(fields)
