/**
 * What a command that has changed something says to replicas: its effect, which gives the same result wherever and whenever it
 * is executed. A time to live becomes a deadline, an id that the server chose is named, a condition that was met is gone.
 *
 * Models          the commands of the table as a redis-server of version 7.0.15 propagates them, byte for byte, as far as
 *                 `test/redis/replication/effects.test.ts` compares them.
 * Does not model  fields of hashes that end by themselves (Redis 7.4 and later): their end is not propagated.
 *
 * Source: the calls of `rewriteClientCommandVector` and `alsoPropagate` in t_string.c, t_list.c, t_set.c, t_zset.c,
 * t_stream.c, expire.c, cluster.c of Redis 7.0
 */
import { isWord } from '../arguments.ts'
import { migrateEffects } from '../commands/migrate.ts'
import { parseOptions } from '../commands/string-options.ts'
import { formatDouble } from '../double.ts'
import type { Keyspace } from '../keyspace.ts'
import { idText, parseId } from '../stream-id.ts'

/** One command of the stream. */
export type Effect = readonly string[]

/** A command that ran and changed something. */
export interface Call {
  /** As in the table: `set`, `function|load`. */
  readonly name: string
  readonly args: readonly string[]
  readonly reply: unknown
  /** The database it worked on, after it. */
  readonly keys: Keyspace
}

type Rewrite = (call: Call) => readonly Effect[]

/** Propagated even when nothing changed: others are to hear of it, or what it changes is not counted. */
export const ALWAYS_PROPAGATED: ReadonlySet<string> = new Set(['publish', 'spublish', 'flushall', 'flushdb', 'swapdb'])

/** They may come across any number of keys whose time is up: each is told as a deletion of its own, not as a transaction. */
export const MEETS_LATE_KEYS: ReadonlySet<string> = new Set(['scan', 'randomkey'])

/** What runs other commands, each of which is propagated by itself. */
export const RUNS_OTHERS: ReadonlySet<string> = new Set([
  'exec',
  'eval',
  'eval_ro',
  'evalsha',
  'evalsha_ro',
  'fcall',
  'fcall_ro',
])

/** The effects of a command. */
export const effectsOf = (call: Call): readonly Effect[] => (REWRITES[call.name] ?? verbatim)(call)

const verbatim: Rewrite = ({ args }) => [args]

const deadline = ({ keys }: Call, key: string): string | null => {
  const expireAtMs = keys.peek(key)?.expireAtMs
  return expireAtMs == null ? null : String(expireAtMs)
}

const textOf = ({ keys }: Call, key: string): string => {
  const value = keys.peek(key)?.value
  return value?.type === 'string' ? value.text : ''
}

/** SET: a time to live becomes a deadline, which leaves no other option; GET is never repeated. */
const set: Rewrite = (call) => {
  const { args } = call
  if (args.length === 3) return [args]
  const options = parseOptions(args, 3, true)
  // An option of a newer server: what the key holds now.
  if (options === null || options.unit !== null) return [setTo(call, args[1]!)]
  return options.getsOld ? [args.filter((arg, index) => index < 3 || !isWord(arg, 'get'))] : [args]
}

function setTo(call: Call, key: string): Effect {
  const atMs = deadline(call, key)
  return ['SET', key, textOf(call, key), ...(atMs === null ? [] : ['PXAT', atMs])]
}

const setWithExpiry: Rewrite = (call) => [setTo(call, call.args[1]!)]

const deletes: Rewrite = ({ args }) => [['DEL', args[1]!]]

/** EXPIRE and its relatives; a deadline that is past has deleted the key. */
const expire: Rewrite = (call) => {
  const { name, args } = call
  const atMs = deadline(call, args[1]!)
  if (atMs === null) return [['DEL', args[1]!]]
  return [name === 'pexpireat' ? args : ['PEXPIREAT', args[1]!, atMs, ...args.slice(3)]]
}

const getex: Rewrite = (call) => {
  const key = call.args[1]!
  if (call.keys.peek(key) === undefined) return [['DEL', key]]
  const atMs = deadline(call, key)
  return [atMs === null ? ['PERSIST', key] : ['PEXPIREAT', key, atMs]]
}

/** The value alone: an old time to live is gone. */
const getset: Rewrite = ({ args }) => [['SET', ...args.slice(1)]]

/** Places as the scores that they are kept as. */
const geoadd: Rewrite = ({ args, keys }) => {
  const key = args[1]!
  const value = keys.peek(key)?.value
  const first = args.findIndex((arg, index) => index > 1 && !/^(?:nx|xx|ch)$/i.test(arg))
  const members = args.slice(first).filter((_, index) => index % 3 === 2)
  const scored = members.flatMap((member) => {
    const score = value?.type === 'zset' ? value.scores.get(member) : undefined
    return score === undefined ? [] : [formatDouble(score), member]
  })
  return [['zadd', ...args.slice(1, first), ...scored]]
}

const incrbyfloat: Rewrite = (call) => [['SET', call.args[1]!, textOf(call, call.args[1]!), 'KEEPTTL']]

const hincrbyfloat: Rewrite = ({ args, reply }) => [['HSET', args[1]!, args[2]!, String(reply)]]

/** Without a count one member; a count that takes all leaves no set. */
const spop: Rewrite = ({ args, reply, keys }) => {
  const key = args[1]!
  if (typeof reply === 'string') return [['SREM', key, reply]]
  if (keys.peek(key) === undefined) return [['DEL', key]]
  return itemsOf(reply).map((member) => ['SREM', key, String(member)])
}

/** The items of an array or of a set. */
function itemsOf(reply: unknown): readonly unknown[] {
  if (Array.isArray(reply)) return reply
  const items = (reply as { readonly items?: unknown } | null)?.items
  return Array.isArray(items) ? items : []
}

const poppedBy =
  (command: string): Rewrite =>
  ({ reply }) => [[command, String((reply as readonly unknown[])[0])]]

/** BLMOVE and BRPOPLPUSH as what they do once there is something to move. */
const movedBy =
  (command: string, count: number): Rewrite =>
  ({ args }) => [[command, ...args.slice(1, 1 + count)]]

/** LMPOP, ZMPOP and what waits for them: from which key, and how many. */
const poppedMany =
  (commands: readonly [string, string]): Rewrite =>
  ({ args, reply }) => {
    const [key, items] = reply as readonly [string, readonly unknown[]]
    const isFirst = args.some((arg) => isWord(arg, 'left') || isWord(arg, 'min'))
    return [[isFirst ? commands[0] : commands[1], String(key), String(items.length)]]
  }

const restore: Rewrite = (call) => {
  const { args, keys } = call
  const key = args[1]!
  // A deadline that is past has stored nothing: a key that was replaced is gone.
  if (keys.peek(key) === undefined) return [['DEL', key]]
  const atMs = deadline(call, key)
  if (atMs === null || args.some((arg, index) => index > 3 && isWord(arg, 'absttl'))) return [args]
  return [[...args.slice(0, 2), atMs, ...args.slice(3), 'ABSTTL']]
}

/** The id that the server chose is named, and a limit that is about right becomes the one that was kept. */
const xadd: Rewrite = ({ args, reply, keys }) => {
  const id = String(reply)
  const at = idOfXadd(args)
  return [[...trimmedExactly(args.slice(0, at), keys), id, ...args.slice(at + 1)]]
}

const xtrim: Rewrite = ({ args, keys }) => [trimmedExactly(args, keys)]

/** Where the id of XADD stands. */
function idOfXadd(args: readonly string[]): number {
  let at = 2
  while (at < args.length) {
    if (isWord(args[at]!, 'nomkstream')) at += 1
    else if (isWord(args[at]!, 'limit')) at += 2
    else if (isWord(args[at]!, 'maxlen') || isWord(args[at]!, 'minid')) at += /^[~=]$/.test(args[at + 1] ?? '') ? 3 : 2
    else return at
  }
  return at
}

/** `MAXLEN ~ 1000 LIMIT 10` as `MAXLEN = 1024`: what a server trims depends on its memory. */
function trimmedExactly(args: readonly string[], keys: Keyspace): string[] {
  const exact: string[] = [...args]
  const at = args.findIndex((arg, index) => index > 1 && (isWord(arg, 'maxlen') || isWord(arg, 'minid')))
  const value = keys.peek(args[1]!)?.value
  if (at === -1 || args[at + 1] !== '~' || value?.type !== 'stream') return exact
  const first = value.nodes[0]?.entries[0]
  exact[at + 1] = '='
  if (isWord(args[at]!, 'maxlen')) exact[at + 2] = String(value.length)
  else if (first !== undefined) exact[at + 2] = idText(first.id)
  return exact
}

/** Each delivery that a consumer got, with its time and its count; without a list of deliveries, how far the group has read. */
function deliveries(call: Call, key: string, { group: name, consumer }: Reader, ids: readonly string[]): Effect[] {
  const value = call.keys.peek(key)?.value
  const group = value?.type === 'stream' ? value.groups.get(name) : undefined
  if (group === undefined) return []
  const last = idText(group.lastId)
  const claims = ids.flatMap((text): Effect[] => {
    const id = parseId(text)
    const pending = typeof id === 'bigint' ? group.pending.get(id) : undefined
    if (pending === undefined) return []
    const { timeMs, count } = pending
    const how = ['TIME', String(timeMs), 'RETRYCOUNT', String(count), 'FORCE', 'JUSTID', 'LASTID', last]
    return [['XCLAIM', key, name, consumer, '0', text, ...how]]
  })
  if (claims.length > 0) return claims
  return [['XGROUP', 'SETID', key, name, last, 'ENTRIESREAD', String(group.entriesRead ?? -1)]]
}

interface Reader {
  readonly group: string
  readonly consumer: string
}

const idsIn = (reply: unknown): readonly string[] =>
  itemsOf(reply).map((entry) => String(Array.isArray(entry) ? entry[0] : entry))

const xreadgroup: Rewrite = (call) => {
  const at = call.args.findIndex((arg) => isWord(arg, 'group'))
  const reader = { group: call.args[at + 1]!, consumer: call.args[at + 2]! }
  return streamsIn(call.reply).flatMap(([key, entries]) => deliveries(call, key, reader, idsIn(entries)))
}

/** The streams of a reply, as an array or as a map. */
function streamsIn(reply: unknown): readonly (readonly [string, unknown])[] {
  const entries = (reply as { readonly entries?: unknown } | null)?.entries
  return (Array.isArray(reply) ? reply : Array.isArray(entries) ? entries : []) as readonly (readonly [
    string,
    unknown,
  ])[]
}

const xclaim: Rewrite = (call) => {
  const [, key = '', group = '', consumer = ''] = call.args
  return deliveries(call, key, { group, consumer }, idsIn(call.reply))
}

const xautoclaim: Rewrite = (call) => {
  const [, key = '', group = '', consumer = ''] = call.args
  return deliveries(call, key, { group, consumer }, idsIn(itemsOf(call.reply)[1]))
}

const REWRITES: Readonly<Record<string, Rewrite>> = {
  migrate: ({ args, keys }) => migrateEffects(args, keys),
  set,
  setex: setWithExpiry,
  psetex: setWithExpiry,
  getex,
  getdel: deletes,
  getset,
  geoadd,
  expire,
  pexpire: expire,
  expireat: expire,
  pexpireat: expire,
  incrbyfloat,
  hincrbyfloat,
  spop,
  blpop: poppedBy('LPOP'),
  brpop: poppedBy('RPOP'),
  bzpopmin: poppedBy('ZPOPMIN'),
  bzpopmax: poppedBy('ZPOPMAX'),
  blmove: movedBy('LMOVE', 4),
  brpoplpush: movedBy('RPOPLPUSH', 2),
  lmpop: poppedMany(['LPOP', 'RPOP']),
  blmpop: poppedMany(['LPOP', 'RPOP']),
  zmpop: poppedMany(['ZPOPMIN', 'ZPOPMAX']),
  bzmpop: poppedMany(['ZPOPMIN', 'ZPOPMAX']),
  restore,
  'restore-asking': restore,
  xadd,
  xtrim,
  xreadgroup,
  xclaim,
  xautoclaim,
}
