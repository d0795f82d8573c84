/**
 * The truth lane: what a Redis node holds, as it changes. `granted`, `extended`, `overwritten` and `displaced` (another
 * went before it in a queue) tell what the key holds now, `deleted` and `expired` that it is gone. `disowned`: a server that is no longer
 * the primary took a client's change (what the key holds there since; null: nothing), which counts for nothing.
 *
 * Apart from the shapes (`truth-shape.ts`), because the page of a report reads records and has no use for their schemas.
 */
import type { Atom, TraceRecord } from '../sim/trace.ts'
import { fieldsOf } from './fields.ts'

export type TruthOp = 'granted' | 'extended' | 'overwritten' | 'displaced' | 'deleted' | 'expired' | 'disowned'

/** What a record of the truth lane tells; `text`, `expireUs` and `ttlUs` are null where the key is gone. */
export interface Truth {
  readonly op: TruthOp
  readonly key: string
  readonly by: string
  readonly owner: string
  readonly text: string | null
  readonly expireUs: number | null
  readonly ttlUs: number | null
}

/** Reads a record of the truth lane. */
export function readTruth(record: TraceRecord): Truth {
  const fields = fieldsOf(record)
  const atom = (index: number): Atom => fields[index] ?? null
  return {
    op: record.op as TruthOp,
    key: atom(0) as string,
    by: atom(1) as string,
    owner: atom(2) as string,
    text: atom(3) as string | null,
    expireUs: atom(4) as number | null,
    ttlUs: atom(5) as number | null,
  }
}

/** In whose name it is recorded that a node itself let a key go. */
const LOSERS: ReadonlySet<string> = new Set(['restart', 'eviction', 'flush', 'failover'])
/** Who changes keys without being a client. */
const NO_CLIENT: ReadonlySet<string> = new Set(['time', 'fault', 'migration', ...LOSERS])

/** Whether a node let a key go by itself: a restart, an eviction, FLUSHALL. */
export const isLoss = ({ op, by }: Pick<Truth, 'op' | 'by'>): boolean => op === 'deleted' && LOSERS.has(by)

/** Whether a key came to a node, or left it, with its slot: what it held is what it holds there. */
export const isMigration = ({ by }: Pick<Truth, 'by'>): boolean => by === 'migration'

/** Whether a client changed the key. */
export const isByClient = ({ by }: Pick<Truth, 'by'>): boolean => !NO_CLIENT.has(by)
