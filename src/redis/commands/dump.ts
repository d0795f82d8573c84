/**
 * DUMP and RESTORE: a value as bytes, to be moved to another server.
 *
 * Source: https://redis.io/docs/latest/commands/dump/, /restore/
 */
import { parseInteger, parseInteger64 } from '../arguments.ts'
import type { Command, CommandContext } from '../command.ts'
import { type ErrorReply, errorOf, NOT_AN_INTEGER, SYNTAX_ERROR } from '../errors.ts'
import { milliseconds } from '../expiry-argument.ts'
import type { MemoryRedis } from '../memory-redis.ts'
import { openPayload, sealPayload } from '../rdb/payload.ts'
import { readValue } from '../rdb/read-value.ts'
import { RdbReader } from '../rdb/reader.ts'
import { writeValue } from '../rdb/write-value.ts'
import { OK, type Reply } from '../reply.ts'
import { usageOf } from '../usage-clock.ts'
import type { Value } from '../value.ts'
import { ONE_KEY } from './key-positions.ts'

type Args = readonly string[]

const BUSY_KEY = errorOf('BUSYKEY Target key name already exists.')
const BAD_TTL = errorOf('ERR Invalid TTL value, must be >= 0')
const BAD_IDLE = errorOf('ERR Invalid IDLETIME value, must be >= 0')
const BAD_FREQUENCY = errorOf('ERR Invalid FREQ value, must be >= 0 and <= 255')
export const BAD_PAYLOAD = errorOf('ERR DUMP payload version or checksum are wrong')
const BAD_DATA = errorOf('ERR Bad data format')
const FREQUENCY_MAX = 255

export const dumping: readonly Command[] = [
  { name: 'dump', arity: 2, flags: ['readonly'], ...ONE_KEY, execute: dump },
  { name: 'restore', arity: -4, flags: ['write', 'denyoom'], ...ONE_KEY, execute: restore },
  { name: 'restore-asking', arity: -4, flags: ['write', 'denyoom', 'asking'], ...ONE_KEY, execute: restore },
]

function dump(args: Args, { keys, server }: CommandContext): Reply {
  const entry = keys.find(args[1]!)
  return entry === undefined ? null : dumped(entry.value, server)
}

/** A value as RESTORE takes it. */
export const dumped = (value: Value, server: MemoryRedis): string =>
  sealPayload(writeValue(value, server.config.writeSettings()))

interface Options {
  replaces: boolean
  isAbsolute: boolean
  idleSeconds: number | null
  frequency: number | null
}

function parseOptions(args: Args): Options | ErrorReply {
  const options: Options = { replaces: false, isAbsolute: false, idleSeconds: null, frequency: null }
  for (let index = 4; index < args.length; index++) {
    const option = args[index]!.toLowerCase()
    const hasMore = index + 1 < args.length
    if (option === 'replace') options.replaces = true
    else if (option === 'absttl') options.isAbsolute = true
    else if (option === 'idletime' && hasMore && options.frequency === null) {
      const idle = parseInteger(args[++index]!)
      if (idle === null) return NOT_AN_INTEGER
      if (idle < 0) return BAD_IDLE
      options.idleSeconds = idle
    } else if (option === 'freq' && hasMore && options.idleSeconds === null) {
      const frequency = parseInteger(args[++index]!)
      if (frequency === null) return NOT_AN_INTEGER
      if (frequency < 0 || frequency > FREQUENCY_MAX) return BAD_FREQUENCY
      options.frequency = frequency
    } else return SYNTAX_ERROR
  }
  return options
}

function restore(args: Args, { keys, nowMs, server }: CommandContext): Reply {
  const options = parseOptions(args)
  if ('kind' in options) return options
  const key = args[1]!
  if (!options.replaces && keys.find(key) !== undefined) return BUSY_KEY
  const ttl = parseInteger64(args[2]!)
  if (ttl === null) return NOT_AN_INTEGER
  if (ttl < 0n) return BAD_TTL
  const payload = openPayload(args[3]!)
  if (payload === null) return BAD_PAYLOAD
  const value = readValue(new RdbReader(payload), keys.compactLimits)
  if (value === null) return BAD_DATA
  const hasReplaced = options.replaces && keys.remove(key)
  const atMs = ttl === 0n ? null : milliseconds(options.isAbsolute ? ttl : BigInt.asIntN(64, ttl + BigInt(nowMs)))
  if (atMs !== null && atMs <= nowMs && !server.replication?.isReplica) {
    if (hasReplaced) keys.wrote('del', key)
    return OK
  }
  keys.put(key, value, atMs)
  const entry = keys.look(key)!
  entry.usage = usageOf(nowMs, keys.frequencies !== null, options) ?? entry.usage
  keys.wrote('restore', key)
  return OK
}
