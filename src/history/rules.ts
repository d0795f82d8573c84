/**
 * What a history is judged by, besides what is on record.
 */
import * as z from 'zod'
import { PERSISTENCE, type PersistenceKind } from '../redis/persistence/persistence.ts'

/** The names of the clients of each process that has several callers. */
export type Callers = readonly (readonly string[])[]

/** All callers in the process of one of them; it alone, where it has none beside it. */
export const matesOf = (name: string, callers: Callers): readonly string[] =>
  callers.find((group) => group.includes(name)) ?? [name]

/** What is run once, where something is: what a tick of a clock makes due, an item of a queue, a request, a job. */
const RUNS = ['tick', 'item', 'request', 'task'] as const
export type Runs = (typeof RUNS)[number]

/** What the checks must know besides the records. */
export interface Rules {
  /** The lease that locks ask for (or the session's time to live), ms. */
  readonly ttlMs: number
  /** Whether the resource refuses a fencing token that is lower than one it has seen. */
  readonly checkFence: boolean
  /** How long a key may outlive its believers while its owner is alive and was told that it does not have it, µs. */
  readonly orphanUs: number
  /** How long the clients' driver may wait before it connects again: for the first time after a loss, and at most, µs. */
  readonly firstReconnectUs: number
  readonly reconnectUs: number
  /** Missing: each client is a process of its own. */
  readonly callers?: Callers | undefined
  /** What can be broken in what the clients do; missing: whatever is judged on the subject. */
  readonly properties?: readonly string[] | undefined
  /** The operations that clients are there for: one that ended well is work done; missing: any is. */
  readonly doneBy?: readonly string[] | undefined
  /** How often a waiter may be overtaken by a client that came later; missing: not judged. */
  readonly bypassesMax?: number | undefined
  /** For a cache: whether the writer takes the lock too. */
  readonly isWriterLocked?: boolean | undefined
  /** How servers keep their data on their disks; missing: faults say what one has that starts again. */
  readonly persistence?: PersistenceKind | undefined
  /** How many clients may hold the lock at once; missing: one. */
  readonly limit?: number | undefined
  /** What `run` runs; missing: what a tick makes due. */
  readonly runs?: Runs | undefined
}

const count = z.int().min(0)

export const rulesSchema: z.ZodType<Rules> = z.strictObject({
  ttlMs: count,
  callers: z.array(z.array(z.string())).optional(),
  properties: z.array(z.string()).optional(),
  doneBy: z.array(z.string()).optional(),
  checkFence: z.boolean(),
  orphanUs: count,
  firstReconnectUs: count,
  reconnectUs: count,
  bypassesMax: count.optional(),
  isWriterLocked: z.boolean().optional(),
  persistence: z.enum(PERSISTENCE).optional(),
  limit: count.optional(),
  runs: z.enum(RUNS).optional(),
})
