/** Records of the world itself: what the storm did, processes that ended, moments of the run. */
import type { TraceRecord } from '../sim/trace.ts'
import { fieldsOf } from './fields.ts'
import { lastOptional, number, orNull, reader, said, shape, text } from './shape.ts'

/** A fault strikes: in words, the processes it names, how long it lasts (null: until the storm is over). */
export const faultStruck = shape(['description', text], ['processes', text], ['durationUs', orNull(number)])
/** Everything heals: the storm is over. */
export const healed = shape()
/** What was begun has had its time to end. */
export const settled = shape()
/** A process ended, and how. */
export const ended = shape(['how', text])
/** The code under test ended its process: what was thrown, and where it came up (`exit`: it called process.exit). */
export const uncaught = lastOptional(shape(['message', said(text)], ['origin', text]))
/** This kind of Redis could not have a fault, and why. */
export const noEffect = shape(['node', text], ['why', text])
/** A replica is the primary now; `former` was it before. */
export const promoted = shape(['former', text])
/** A former primary follows `primary` now. */
export const demoted = shape(['primary', text])
/** A Sentinel sends clients to this server from now on. */
export const switched = shape(['primary', text])
/** A server started again with what was on its disk: how much older that is than its end, ms; null: it lacks nothing, or is nothing. */
export const loaded = shape(['what', text], ['olderMs', orNull(number)])
/** The lock is taken once more when all is calm. */
export const probe = { invoke: shape(), ok: shape(), fail: shape() } as const

const promotedFormer = reader(promoted, 'former')

/** Who was the primary before. */
export const formerPrimary = (record: TraceRecord): string => promotedFormer(fieldsOf(record))

const switchedPrimary = reader(switched, 'primary')

/** Where a Sentinel sends clients. */
export const switchedTo = (record: TraceRecord): string => switchedPrimary(fieldsOf(record))

const loadedWhat = reader(loaded, 'what')
const loadedOlderMs = reader(loaded, 'olderMs')

/** What a server had when it started again. */
export const readLoaded = (record: TraceRecord): { readonly what: string; readonly olderMs: number | null } => {
  const fields = fieldsOf(record)
  return { what: loadedWhat(fields), olderMs: loadedOlderMs(fields) }
}

const uncaughtMessage = reader(uncaught, 'message')
const uncaughtOrigin = reader(uncaught, 'origin')

/** What ended a process. */
export const readUncaught = (record: TraceRecord): { readonly message: string; readonly origin: string } => {
  const fields = fieldsOf(record)
  return { message: uncaughtMessage(fields), origin: uncaughtOrigin(fields) }
}
