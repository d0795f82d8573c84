/**
 * What the settings of a fault in a random storm are drawn from: the machines of the plan, lengths around its lease.
 * `explore/random-storm.ts` makes it of fast-check's arbitraries; faults know their type only, so that they run where
 * fast-check does not.
 */
import type { Arbitrary } from 'fast-check'

export interface Draws {
  readonly client: Arbitrary<string>
  readonly node: Arbitrary<string>
  /** A client or a node. */
  readonly machine: Arbitrary<string>
  /** At least one client. */
  readonly someClients: Arbitrary<string[]>
  readonly nodes: readonly string[]
  /** Each server that may be promoted, with the primary in whose place. */
  readonly promotions: readonly Promotion[]
  /** The Sentinels that look after them. */
  readonly sentinels: readonly string[]
  /** From a hundredth of the lease to three times as long, µs. */
  readonly lastingUs: Arbitrary<number>
  /** The same, ahead or behind. */
  readonly movedUs: Arbitrary<number>
  /** How much too fast or too slow a clock runs that is not broken. */
  readonly ppm: Arbitrary<number>
  /**
   * Whether a node that starts again has its data: always, unless Redis may forget what it acknowledged; undefined: its persistence says
   * it.
   */
  readonly keepsData: Arbitrary<boolean | undefined>
  record<Value>(fields: { readonly [Key in keyof Value]: Arbitrary<Value[Key]> }): Arbitrary<Value>
  oneOf<Value>(...choices: readonly Arbitrary<Value>[]): Arbitrary<Value>
  constant<const Value>(value: Value): Arbitrary<Value>
  /** One of these; there is at least one. */
  among<Value>(values: readonly Value[]): Arbitrary<Value>
}

/** A replica, and the primary that it follows in the beginning. */
export interface Promotion {
  readonly primary: string
  readonly replica: string
}
