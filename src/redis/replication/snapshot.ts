/**
 * All data of a server as an RDB file, written and read back: what a primary sends a replica that must begin anew.
 *
 * Source: rdb.c (`rdbSaveRio`, `rdbLoadRioWithLoadingCtx`) of Redis 7.0; https://rdb.fnordig.de/file_format.html
 */
import { FunctionLibraries } from '../function-libraries.ts'
import type { Keyspace } from '../keyspace.ts'
import type { MemoryRedis } from '../memory-redis.ts'
import { littleEndian } from '../rdb/bytes.ts'
import { crc64 } from '../rdb/crc64.ts'
import { readTyped } from '../rdb/read-value.ts'
import { RdbReader } from '../rdb/reader.ts'
import { FUNCTION } from '../rdb/types.ts'
import { writeValue } from '../rdb/write-value.ts'
import { type WriteSettings, writeLength, writeString } from '../rdb/writer.ts'
import type { Milliseconds } from '../value.ts'

const HEADER = 'REDIS0010'
const MAGIC = /^REDIS\d{4}$/
const IDLE = 248
const FREQUENCY = 249
const AUXILIARY = 250
const SIZES = 251
const DEADLINE_MS = 252
const DEADLINE_S = 253
const DATABASE = 254
const END = 255

/** What is said about a snapshot besides the data. */
export interface SnapshotFacts {
  readonly id: string
  readonly offset: number
}

/** The bytes of a snapshot. */
export function writeSnapshot(server: MemoryRedis, { id, offset }: SnapshotFacts): string {
  const settings = server.config.writeSettings()
  const about = (name: string, text: string): string =>
    byte(AUXILIARY) + writeString(name, settings) + writeString(text, settings)
  const facts = [
    about('redis-ver', server.version),
    about('redis-bits', '64'),
    about('ctime', String(Math.floor(server.nowMs / 1000))),
    about('repl-stream-db', '0'),
    about('repl-id', id),
    about('repl-offset', String(offset)),
  ]
  const libraries = [...server.functions.libraries.values()].map(
    ({ code }) => byte(FUNCTION) + writeString(code, settings),
  )
  const databases = server.databases.filter(({ size }) => size > 0).map((keys) => writeDatabase(keys, settings))
  const body = [HEADER, ...facts, ...libraries, ...databases, byte(END)].join('')
  return body + crc64(body)
}

function writeDatabase(keys: Keyspace, settings: WriteSettings): string {
  const entries = [...keys.entries()]
  const expiring = entries.filter(([, { expireAtMs }]) => expireAtMs !== null).length
  const head =
    byte(DATABASE) + writeLength(keys.index) + byte(SIZES) + writeLength(entries.length) + writeLength(expiring)
  return entries.reduce((bytes, [key, { value, expireAtMs }]) => {
    const deadline = expireAtMs === null ? '' : byte(DEADLINE_MS) + littleEndian(BigInt(expireAtMs), 8)
    const typed = writeValue(value, settings)
    return bytes + deadline + typed[0]! + writeString(key, settings) + typed.slice(1)
  }, head)
}

const byte = (value: number): string => String.fromCharCode(value)

/**
 * Puts a snapshot in the place of all data; false: it is damaged, and nothing was changed. `aliveMs`: keys whose time was up by then are
 * left out, as by a primary that starts; a replica has them until its primary says otherwise.
 */
export function loadSnapshot(server: MemoryRedis, bytes: string, aliveMs = -Infinity): boolean {
  const loaded = readSnapshot(server, bytes)
  if (loaded === null) return false
  server.functions = loaded.functions
  server.replaceData(() => {
    server.flush(server.databases)
    for (const { database, key, value, expireAtMs } of loaded.entries) {
      if (expireAtMs !== null && expireAtMs < aliveMs) continue
      server.database(database).put(key, value, expireAtMs)
    }
  })
  return true
}

interface Loaded {
  readonly functions: FunctionLibraries
  readonly entries: LoadedEntry[]
}

interface LoadedEntry {
  readonly database: number
  readonly key: string
  readonly value: NonNullable<ReturnType<typeof readTyped>>
  readonly expireAtMs: Milliseconds | null
}

function readSnapshot(server: MemoryRedis, bytes: string): Loaded | null {
  const reader = new RdbReader(bytes)
  if (!MAGIC.test(reader.take(HEADER.length))) return null
  const loaded: Loaded = { functions: new FunctionLibraries(), entries: [] }
  const { compactLimits } = server.database(0)
  let database = 0
  let expireAtMs: Milliseconds | null = null
  for (;;) {
    const type = reader.byte()
    if (reader.hasFailed) return null
    switch (type) {
      case END:
        return loaded
      case AUXILIARY:
        reader.string()
        reader.string()
        break
      case DATABASE:
        database = reader.length()
        break
      case SIZES:
        reader.length()
        reader.length()
        break
      case DEADLINE_MS:
        expireAtMs = reader.milliseconds()
        break
      case DEADLINE_S:
        expireAtMs = reader.seconds() * 1000
        break
      case IDLE:
        reader.length()
        break
      case FREQUENCY:
        reader.byte()
        break
      case FUNCTION: {
        const code = reader.string()
        if (server.scripts === null || typeof loaded.functions.load(server.scripts, code, true) !== 'string')
          return null
        break
      }
      default: {
        const key = reader.string()
        const value = readTyped(type, reader, compactLimits)
        if (value === null) return null
        loaded.entries.push({ database, key, value, expireAtMs })
        expireAtMs = null
      }
    }
  }
}
