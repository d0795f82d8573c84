/** Which part of a hunt a machine runs: `2/8` is the second of eight. */

export interface Shard {
  /** From 1 on. */
  readonly index: number
  readonly count: number
}

const COUNT_MAX = 10_000

/** The shard that a word such as `2/8` names; null: it is none. */
export function parseShard(word: string): Shard | null {
  const [, index, count] = /^(\d{1,5})\/(\d{1,5})$/.exec(word) ?? []
  const shard = { index: Number(index), count: Number(count) }
  return shard.index >= 1 && shard.index <= shard.count && shard.count <= COUNT_MAX ? shard : null
}
