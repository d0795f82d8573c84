/** Lines of recorded histories (ndjson): read one after the other, checked, and named by file and line when they are wrong. */
import type * as z from 'zod'
import { complaints, complaintWords } from '../scenario/complaint.ts'
import { UsageError } from '../sim/usage-error.ts'

/** A text that was recorded, with the file that it is from. */
export interface Recording {
  readonly place: string
  readonly lines: AsyncIterable<string> | Iterable<string>
}

/** A line, and where it stands: `belief.ndjson:7`. */
export interface Placed<Line> {
  readonly place: string
  readonly line: Line
}

/**
 * The lines of a recording; empty ones are passed over.
 * @throws UsageError at the first one that is wrong
 */
export async function* readLines<Schema extends z.ZodType>(
  { place: file, lines }: Recording,
  schema: Schema,
): AsyncGenerator<Placed<z.output<Schema>>, void> {
  let number = 0
  for await (const text of lines) {
    number += 1
    if (text.trim() === '') continue
    const place = `${file}:${number}`
    let data: unknown
    try {
      data = JSON.parse(text)
    } catch {
      // The line is not repeated: it may hold a token, and so may what the parser says of it.
      throw new UsageError(place, `it is no JSON (${text.length} characters)`, 'one JSON object a line')
    }
    const result = schema.safeParse(data, { error: complaintWords })
    if (!result.success) {
      const [first] = complaints(schema, data, result.error.issues)
      throw new UsageError(
        place,
        `${first?.path.map(String).join('.') ?? ''}: ${first?.message ?? ''}`.replace(/^: /, ''),
      )
    }
    yield { place, line: result.data }
  }
}
