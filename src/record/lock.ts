/** Records of taking a lock and giving it back, and of what a client believes meanwhile. */

import * as z from 'zod'
import { lastOptional, number, orNull, REASON, reader, said, shape, TOKEN, text } from './shape.ts'

/**
 * `ok` is the beginning of a believed hold: its fencing token, when (in true time) the lease says it ends and on which clock,
 * and what else the lease says of itself (`isHeld=mutex.isAcquired signal=signal`).
 */
export const acquire = {
  invoke: shape(TOKEN),
  ok: lastOptional(
    shape(
      TOKEN,
      ['fence', orNull(number)],
      ['statedUs', orNull(number)],
      ['clock', orNull(z.enum(['monotonic', 'wall']))],
      ['said', text],
    ),
  ),
  fail: shape(TOKEN),
  info: shape(TOKEN, REASON),
} as const

/** `ok`: true says that the client released it, false that it was no longer its own. */
export const release = {
  invoke: shape(TOKEN),
  ok: shape(TOKEN, ['isMine', said(z.boolean())]),
  info: shape(TOKEN, REASON),
} as const

/** The lease is prolonged while its holder works; `ok`: true says that it was, false that the lock is no longer its own. */
export const extend = release

/** The lock taken once more while it is held. */
export const nest = {
  invoke: shape(TOKEN),
  ok: shape(TOKEN),
  fail: shape(TOKEN),
  info: shape(TOKEN, REASON),
} as const

export const unnest = release

/** A release failed after the client had lost its connection, was connected again, and had heard Redis. */
export const answered = shape(TOKEN)

/** A read-write lock was had to write; without it, to read. */
export const mayWrite = shape(TOKEN)

/** A believed hold ends, and why: `released`, `stated end`, `signalled`, `lost`, `not held`. */
export const beliefEnded = shape(TOKEN, ['why', text])

export const acquiredToken = reader(acquire.ok, 'token')
export const acquiredFence = reader(acquire.ok, 'fence')
export const acquiredStatedUs = reader(acquire.ok, 'statedUs')
export const acquiredClock = reader(acquire.ok, 'clock')
/** Undefined: it says nothing beside its stated end. */
export const acquiredSaid: (fields: Parameters<ReturnType<typeof reader>>[0]) => string | undefined = reader(
  acquire.ok,
  'said',
)
export const releasedIsMine = reader(release.ok, 'isMine')
export const releaseReason = reader(release.info, 'reason')
export const beliefToken = reader(beliefEnded, 'token')
export const beliefWhy = reader(beliefEnded, 'why')
