/**
 * What the code under test threw at its callers, and what nobody caught: for people who read a story and wonder what their own
 * code said to it.
 */
import { reasonIn } from '../record/registry.ts'
import type { History } from './history.ts'

export interface Thrown {
  /** Who was told it first. */
  readonly client: string
  /** The operation that failed with it; null: no caller was there to catch it. */
  readonly operation: string | null
  readonly text: string
  /** How often any client was told it by this operation. */
  readonly times: number
}

/** Each different error once, in the order in which they were first thrown. */
export function thrownIn({ records }: History): readonly Thrown[] {
  const found = new Map<string, Thrown>()
  for (const record of records) {
    const text = reasonIn(record)
    if (text === null) continue
    const operation = record.type === 'note' ? null : record.op
    const key = `${operation} ${text}`
    const known = found.get(key)
    found.set(
      key,
      known === undefined
        ? { client: record.process, operation, text, times: 1 }
        : { ...known, times: known.times + 1 },
    )
  }
  return [...found.values()]
}
