/**
 * JSON files that others wrote (replays, baselines, reports): checked before anything is believed. What is wrong is told once,
 * with its place, what was expected, and a fix.
 */
import type * as z from 'zod'
import { shown } from '../sim/shown.ts'
import { UsageError } from '../sim/usage-error.ts'
import { complaints, complaintWords } from './complaint.ts'

/** What a file should be. */
export interface DataFormat<Schema extends z.ZodType> {
  /** `lockstorm/baseline@1`: the value of its key `schema`. */
  readonly name: string
  readonly schema: Schema
  readonly lengthMax: number
  /** Where such files come from: the fix when it is none. */
  readonly fix: string
}

/**
 * Reads the text of a file.
 * @param place the file, as the user wrote it
 * @param check looks at what can be told before the whole schema is
 * @throws UsageError
 */
export function readJsonData<Schema extends z.ZodType>(
  text: string,
  place: string,
  { name, schema, lengthMax, fix }: DataFormat<Schema>,
  check: (data: Readonly<Record<string, unknown>>) => void = () => {},
): z.output<Schema> {
  if (text.length > lengthMax) {
    throw new UsageError(place, `expected at most ${lengthMax} characters, got ${text.length}`)
  }
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch (error) {
    throw new UsageError(place, `it is no JSON: ${(error as Error).message}`, fix, { cause: error })
  }
  const fields = (typeof data === 'object' && data !== null ? data : {}) as Readonly<Record<string, unknown>>
  if (fields.schema !== name) {
    const got = fields.schema === undefined ? 'nothing' : shown(fields.schema)
    throw new UsageError(place, `expected "schema": "${name}", got ${got}`, fix)
  }
  check(fields)
  const result = schema.safeParse(data, { error: complaintWords })
  if (result.success) return result.data
  const [first, ...more] = complaints(schema, data, result.error.issues)
  const others = more.length === 0 ? '' : ` (and ${more.length} more)`
  throw new UsageError(place, `${first?.path.map(String).join('.')}: ${first?.message}${others}`, fix)
}
