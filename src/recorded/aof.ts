/**
 * Append-only files: the commands that changed something, as a server has to run them to be what it was.
 *
 * They tell no clients and, unless `aof-timestamp-enabled` is on, no times; a time is a whole second. SET with NX and a time to live
 * stands there as SET with the time at which it ends; an expiry that the server noticed, as DEL; a script, as what it changed.
 *
 * Source: aof.c of Redis 7.0; https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/
 */
import {
  closeSync,
  createReadStream,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statSync,
} from 'node:fs'
import path from 'node:path'
import { RequestParser } from '../redis/resp/request-parser.ts'
import { UsageError } from '../sim/usage-error.ts'
import { unshared } from './monitor-line.ts'
import type { Sent, ServerEvent, ServerRecording } from './sent.ts'

const SNAPSHOT_FIX =
  'give its .incr.aof file instead (what was there before is then unknown), or record after: CONFIG SET aof-use-rdb-preamble no, BGREWRITEAOF'

/** The folder of a multi-part file, or its manifest; null: it is neither. */
export function manifestOf(name: string): string | null {
  if (name.endsWith('.manifest')) return name
  if (!statSync(name).isDirectory()) return null
  const manifests = readdirSync(name).filter((file) => file.endsWith('.manifest'))
  if (manifests.length === 1) return path.join(name, manifests[0] as string)
  throw new UsageError(name, `a folder with one .manifest is expected: there are ${manifests.length}`)
}

/** All parts that a manifest lists: from the empty server on. */
export function readManifest(manifest: string): ServerRecording {
  const parts = readFileSync(manifest, 'utf8')
    .split('\n')
    .map((line, index) => ({ line: line.trim(), place: `${manifest}:${index + 1}` }))
    .filter(({ line }) => line !== '' && !line.startsWith('#'))
    .map(({ line, place }) => {
      const [, quoted, plain, type] = /^file (?:"([^"]*)"|(\S+)) seq \d+ type ([bhi])\b/.exec(line) ?? []
      const file = quoted ?? plain
      if (file === undefined || file.includes('/')) throw new UsageError(place, 'it is no line of a manifest')
      return { file: path.join(path.dirname(manifest), file), type, place }
    })
    // History: parts that a rewrite has replaced.
    .filter(({ type }) => type !== 'h')
  for (const { file, place } of parts) if (!existsSync(file)) throw new UsageError(place, `there is no ${file}`)
  for (const { file } of parts) refuseSnapshot(file)
  return {
    name: manifest,
    kind: 'aof',
    isComplete: parts[0]?.type === 'b',
    events: (async function* () {
      const state = { database: 0 }
      for (const { file } of parts) yield* readAof(file, state)
    })(),
  }
}

/** Begins with a snapshot (RDB), which holds no commands. */
export function refuseSnapshot(file: string): void {
  if (firstBytes(file).startsWith('REDIS')) {
    throw new UsageError(file, 'it begins with a snapshot (RDB), which tells no commands', SNAPSHOT_FIX)
  }
}

/** What a file begins with, as latin-1. */
export function firstBytes(file: string): string {
  const descriptor = openSync(file, 'r')
  try {
    const bytes = Buffer.alloc(64)
    return bytes.toString('latin1', 0, readSync(descriptor, bytes))
  } finally {
    closeSync(descriptor)
  }
}

/** One file; the database lasts from part to part. */
export async function* readAof(file: string, state: { database: number }): AsyncGenerator<ServerEvent, void> {
  const parser = new RequestParser()
  let number = 0
  let atUs: number | null = null
  let transaction: Sent[] | null = null
  for await (const { bytes, second } of piecesOf(file)) {
    if (second !== null) atUs = second * 1_000_000
    parser.push(bytes)
    for (let request = parser.next(); request !== null; request = parser.next()) {
      number += 1
      const place = `${file}:command ${number}`
      if ('protocolError' in request) throw new UsageError(place, `it is no append-only file: ${request.protocolError}`)
      const name = (request[0] ?? '').toLowerCase()
      if (name === 'select') {
        state.database = Number(request[1])
        if (!Number.isInteger(state.database)) throw new UsageError(place, 'SELECT without the number of a database')
      } else if (name === 'multi') transaction = []
      else if (name === 'exec') {
        yield* transaction ?? []
        transaction = null
      } else if (request.length > 0) {
        const args = request.map(unshared)
        const sent: Sent = { place, atUs, slackUs: 1_000_000, database: state.database, source: null, args }
        if (transaction === null) yield sent
        else transaction.push(sent)
      }
    }
  }
  // A command, or a transaction, that the end of the file cuts was not completed: Redis drops it, too.
}

/**
 * Bytes between annotations. A line `#TS:1795910806` stands between commands only, so the parser must be between two there: a value
 * that looks like an annotation is told apart by the lengths that RESP gives.
 */
async function* piecesOf(
  file: string,
): AsyncGenerator<{ readonly bytes: string; readonly second: number | null }, void> {
  const walker = new CommandWalker()
  let rest = ''
  for await (const chunk of createReadStream(file, { encoding: 'latin1' })) {
    rest += chunk as string
    let start = 0
    let at = 0
    let second: number | null = null
    for (;;) {
      if (walker.isBetween && rest[at] === '#') {
        const end = rest.indexOf('\n', at)
        if (end === -1) break
        if (at > start) yield { bytes: rest.slice(start, at), second }
        const stamp = /^#TS:(\d{1,12})\r?$/.exec(rest.slice(at, end))
        second = stamp === null ? null : Number(stamp[1])
        at = end + 1
        start = at
        continue
      }
      const next = walker.step(rest, at)
      if (next === null) throw new UsageError(`${file}:command ${walker.count + 1}`, 'it is no append-only file')
      if (next === at) break
      at = next
    }
    if (at > start || second !== null) yield { bytes: rest.slice(start, at), second }
    rest = rest.slice(at)
  }
}

/** Goes over RESP by its lengths, without reading it. */
class CommandWalker {
  /** Commands that are over. */
  count = 0
  #missing = 0
  #skip = 0

  get isBetween(): boolean {
    return this.#missing === 0 && this.#skip === 0
  }

  /** As far as it can go from `at` in one step; null: there is no RESP. */
  step(text: string, at: number): number | null {
    if (this.#skip > 0) {
      const taken = Math.min(this.#skip, text.length - at)
      this.#skip -= taken
      if (taken > 0 && this.isBetween) this.count += 1
      return at + taken
    }
    if (at < text.length && text[at] !== (this.#missing === 0 ? '*' : '$')) return null
    const end = text.indexOf('\n', at)
    if (end === -1) return at
    const length = Number(text.slice(at + 1, end))
    if (!Number.isInteger(length) || length < (this.#missing === 0 ? 1 : 0)) return null
    if (this.#missing === 0) this.#missing = length
    else {
      this.#missing -= 1
      this.#skip = length + 2
    }
    return end + 1
  }
}
