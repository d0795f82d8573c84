/**
 * What `redis-cli MONITOR` prints, line by line:
 *
 *   1339518083.107412 [0 127.0.0.1:60866] "set" "x" "a \"b\"\x00" "NX" "PX" "30000"
 *
 * The address of a command inside a script is `lua`; that of a Unix socket is `unix:` and its path. `OK` begins a connection: between
 * it and what stands before it commands may be missing.
 *
 * Source: replication.c (`replicationFeedMonitors`) and sds.c (`sdscatrepr`) of Redis 7.0; https://redis.io/docs/latest/commands/monitor/
 */
import { linesOf } from '../scenario/node/named-file.ts'
import { UsageError } from '../sim/usage-error.ts'
import type { Recording } from './line.ts'
import type { Sent, ServerEvent } from './sent.ts'

const HEAD = /^(\d{1,12})\.(\d{6}) \[(\d{1,9}) (.*?)\] (?=")/
const ESCAPED: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  a: '\x07',
  b: '\b',
  '\\': '\\',
  '"': '"',
}

/** A clock that goes back by more than this is another server's, or was set: what it then shows does not follow what it showed. */
const BACK_US_MAX = 1_000_000

/** The commands of MONITOR's output. */
export async function* readMonitor({ place: file, lines }: Recording): AsyncGenerator<ServerEvent, void> {
  let number = 0
  let lastUs = 0
  for await (const text of lines) {
    number += 1
    if (text === '') continue
    if (text === 'OK' || text === '+OK') {
      if (number > 1) yield { gap: `${file}:${number}` }
      continue
    }
    const sent = readMonitorLine(text.startsWith('+') ? text.slice(1) : text, `${file}:${number}`)
    if (sent === null) {
      // The text is not shown: there may be a token in it.
      throw new UsageError(
        `${file}:${number}`,
        'it is no line of MONITOR',
        'record with: redis-cli MONITOR > server.log (a line is 1339518083.107412 [0 127.0.0.1:60866] "set" "x" "y")',
      )
    }
    const atUs = sent.atUs as number
    if (atUs < lastUs - BACK_US_MAX) yield { gap: sent.place }
    lastUs = atUs
    yield sent
  }
}

/** The whole lines of a file. The last one is passed over when nothing ends it: a command that is cut may look like another. */
export async function* wholeLines(file: string): AsyncGenerator<string, void> {
  for await (const line of linesOf(file, { encoding: 'latin1', isWhole: true })) yield unshared(line)
}

/** A copy that does not keep the text alive which it was cut from: a key that is remembered would keep the whole chunk. */
export const unshared = (text: string): string => Buffer.from(text, 'latin1').toString('latin1')

/** One line; null when it is none. */
export function readMonitorLine(text: string, place: string): Sent | null {
  const head = HEAD.exec(text)
  if (head === null) return null
  const args: string[] = []
  let at = head[0].length
  while (at < text.length) {
    if (text.charCodeAt(at) !== QUOTE) return null
    const end = endOfText(text, at + 1)
    if (end === -1) return null
    const raw = text.slice(at + 1, end)
    const arg = raw.includes('\\') ? unescaped(raw) : raw
    if (arg === null) return null
    args.push(arg)
    if (end + 1 < text.length && (text.charCodeAt(end + 1) !== SPACE || end + 2 === text.length)) return null
    at = end + 2
  }
  const atUs = Number(head[1]) * 1_000_000 + Number(head[2])
  return { place, atUs, slackUs: 0, database: Number(head[3]), source: head[4] as string, args }
}

const QUOTE = 34
const SPACE = 32
const BACKSLASH = 92

/** Where the quote that ends a text stands; -1: nowhere. */
function endOfText(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) return at
    if (code === BACKSLASH) at += 1
  }
  return -1
}

function unescaped(raw: string): string | null {
  let text = ''
  for (let at = 0; at < raw.length; at += 1) {
    if (raw.charCodeAt(at) !== BACKSLASH) {
      text += raw[at]
      continue
    }
    at += 1
    if (raw[at] === 'x') {
      const hex = raw.slice(at + 1, at + 3)
      if (!/^[0-9a-f]{2}$/i.test(hex)) return null
      text += String.fromCharCode(Number.parseInt(hex, 16))
      at += 2
    } else {
      const char = ESCAPED[raw[at] as string]
      if (char === undefined) return null
      text += char
    }
  }
  return text
}
