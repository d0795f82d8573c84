/**
 * Files that a user names, read: whole, or line after line. What keeps one from being read is told with its name.
 *
 * Invariants
 * - No more is read than the limit, however long the file says that it is: a pipe or a device may never end.
 */
import { closeSync, createReadStream, openSync, readSync } from 'node:fs'
import { UsageError } from '../../sim/usage-error.ts'
import { noSuchFile } from './no-such-file.ts'

/** V8 has no text of twice as much. */
const BYTES_MAX = 2 ** 28
/** A line of MONITOR has a whole value in it; no value that is worth a lock is longer. */
const LINE_LENGTH_MAX = 2 ** 26
const CHUNK_BYTES = 2 ** 18

const REASONS: ReadonlyMap<string, string> = new Map([
  ['EACCES', 'permission denied'],
  ['EISDIR', 'it is a folder'],
])

/**
 * The text of a file, in UTF-8.
 * @throws UsageError when it cannot be read, or is longer than the limit
 */
export function readNamed(file: string, bytesMax = BYTES_MAX): string {
  try {
    return readAtMost(file, bytesMax).toString('utf8')
  } catch (error) {
    throw refusal(file, error)
  }
}

/**
 * All bytes of a file.
 * @throws UsageError when it is longer than the limit; what the file system throws
 */
export function readAtMost(file: string, bytesMax: number): Buffer {
  const descriptor = openSync(file, 'r')
  try {
    const chunks: Buffer[] = []
    for (let length = 0; ; ) {
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES)
      const count = readSync(descriptor, chunk)
      if (count === 0) return Buffer.concat(chunks)
      length += count
      if (length > bytesMax) throw new UsageError(file, `expected at most ${bytesMax} bytes`)
      chunks.push(chunk.subarray(0, count))
    }
  } finally {
    closeSync(descriptor)
  }
}

/**
 * The lines of a file, which may be larger than the memory, without what ends them. Of a whole line something ends it: the rest is given as
 * the last line, unless `isWhole` says that only whole lines count.
 * @throws UsageError when it cannot be read, or a line is longer than the limit
 */
export async function* linesOf(
  file: string,
  { encoding = 'utf8', isWhole = false }: { readonly encoding?: BufferEncoding; readonly isWhole?: boolean } = {},
): AsyncGenerator<string, void> {
  let parts: string[] = []
  let length = 0
  let number = 1
  try {
    for await (const chunk of createReadStream(file, { encoding, highWaterMark: CHUNK_BYTES })) {
      const lines = (chunk as string).split('\n')
      const rest = lines.pop() as string
      for (const line of lines) {
        yield withoutReturn(parts.join('') + line)
        parts = []
        length = 0
        number += 1
      }
      parts.push(rest)
      length += rest.length
      if (length > LINE_LENGTH_MAX)
        throw new UsageError(`${file}:${number}`, `expected a line of at most ${LINE_LENGTH_MAX} characters`)
    }
  } catch (error) {
    throw refusal(file, error)
  }
  const last = parts.join('')
  if (last !== '' && !isWhole) yield withoutReturn(last)
}

const withoutReturn = (line: string): string => (line.endsWith('\r') ? line.slice(0, -1) : line)

/** What the file system refuses, in words; everything else as it is. */
function refusal(file: string, error: unknown): unknown {
  const { code = '', syscall } = error as NodeJS.ErrnoException
  if (syscall === undefined) return error
  return code === 'ENOENT'
    ? noSuchFile(file)
    : new UsageError(file, `it cannot be read: ${REASONS.get(code) ?? code}`, '', { cause: error })
}
