/** One world as plain data for a picture; `story.ts` makes it from a history, reports draw it. */
import type { Thrown } from '../history/thrown.ts'
import type { TraceRecord } from '../sim/trace.ts'
import type { InLanguages } from '../text/language.ts'

/** One world, ready to be drawn: bars in three lanes for each client, the key on each node, the faults, the messages. */
export interface DrawnStory {
  readonly endUs: number
  /** How many of its nodes vote, where others replicate them; missing: each does. */
  readonly votes?: number
  /** The lock key, or the session key. */
  readonly key: string
  /** Top to bottom. */
  readonly lanes: readonly Lane[]
  /** Messages between lanes, for slanted arrows; names are lanes' names. `lost`: it never arrived. */
  readonly messages: readonly {
    readonly from: string
    readonly to: string
    readonly sentUs: number
    readonly arrivedUs: number
    readonly label: string
    readonly lost: boolean
    /** The line of the user's code that sent it: `lib/lock.ts:12`; missing: not known. */
    readonly site?: string
  }[]
  /** Stretches where two beliefs overlap, to be hatched. */
  readonly overlaps: readonly {
    readonly fromUs: number
    readonly untilUs: number
    readonly processes: readonly string[]
  }[]
  /** What the code under test threw, each different error once. */
  readonly thrown: readonly Thrown[]
  /** What moved clocks, in the order of time; missing: nothing did. */
  readonly clocks?: readonly ClockChange[]
  /** What labels and records say in sentences of their own, in each language: faults, what a server found on its disk. Missing: nothing. */
  readonly phrases?: readonly InLanguages[]
  /** Every record, for the table. */
  readonly records: readonly TraceRecord[]
}

/** A story with what its files need. */
export interface Story extends DrawnStory {
  /**
   * Replays the world that is drawn. A violation of the cell with another token was seen in another world and is not
   * marked in the picture. Missing: the world of the cell's first violation.
   */
  readonly token?: string
  /** Which world of its cell this is: those of one number have the same storm and the same latencies. Missing: it is of no cell. */
  readonly world?: number
  /** The whole history as the text of its file. */
  readonly ndjson: string
}

/** From `fromUs` until `untilUs` a machine's wall clock is `byUs` ahead, and both its clocks run `ppm` fast. */
export interface ClockChange {
  readonly process: string
  readonly fromUs: number
  readonly untilUs: number
  readonly byUs: number
  readonly ppm: number
}

/** A horizontal lane of the picture. */
export interface Lane {
  /** The process's name (`A`, `redis-1`, `storage`) or `faults`. */
  readonly name: string
  /** `keeper`: the coordination service in the place of a Redis. */
  readonly kind: 'client' | 'redis' | 'keeper' | 'resource' | 'faults'
  readonly bars: readonly {
    /** `belief`: a client thinks it holds. `truth`: the server has its token, `copy`: another server than the primary. `pause`, `crash`, `partition`, `skew`, `fault`: what the storm did. */
    readonly kind: 'belief' | 'truth' | 'copy' | 'pause' | 'crash' | 'partition' | 'skew' | 'fault'
    readonly fromUs: number
    readonly untilUs: number
    readonly label: string
    /** Whose it is, for the colour: the client that believes, or whose token the key holds. */
    readonly owner: string
  }[]
  readonly marks: readonly {
    /** `effect`: the resource accepted a write; `refused`: it did not; `operation`: anything else worth a tick. */
    readonly kind: 'effect' | 'refused' | 'operation'
    readonly atUs: number
    readonly label: string
    readonly owner: string
  }[]
}

/** Whether servers are drawn there that have locks. */
export const isOfServer = ({ kind }: Lane): boolean => kind === 'redis' || kind === 'keeper'
