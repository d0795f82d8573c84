/**
 * Expiry: EXPIRE and its relatives, TTL and its relatives, PERSIST.
 *
 * Source: https://redis.io/docs/latest/commands/expire/
 */
import { INT64_MAX, INT64_MIN, isWord, parseInteger, parseInteger64 } from '../arguments.ts'
import type { Command, CommandContext } from '../command.ts'
import { cText, type ErrorReply, errorOf, NOT_AN_INTEGER } from '../errors.ts'
import { invalidExpiry, milliseconds } from '../expiry-argument.ts'
import type { Reply } from '../reply.ts'
import type { Milliseconds } from '../value.ts'
import { ONE_KEY } from './key-positions.ts'

const NX_WITH_OTHERS = errorOf('ERR NX and XX, GT or LT options at the same time are not compatible')
const GT_WITH_LT = errorOf('ERR GT and LT options at the same time are not compatible')

/** How an expiry command gives its time, and how a TTL command answers it. */
interface Unit {
  readonly name: string
  readonly msPerUnit: 1 | 1000
  readonly isAbsolute: boolean
}

const setters: readonly Unit[] = [
  { name: 'expire', msPerUnit: 1000, isAbsolute: false },
  { name: 'pexpire', msPerUnit: 1, isAbsolute: false },
  { name: 'expireat', msPerUnit: 1000, isAbsolute: true },
  { name: 'pexpireat', msPerUnit: 1, isAbsolute: true },
]

const getters: readonly Unit[] = [
  { name: 'ttl', msPerUnit: 1000, isAbsolute: false },
  { name: 'pttl', msPerUnit: 1, isAbsolute: false },
  { name: 'expiretime', msPerUnit: 1000, isAbsolute: true },
  { name: 'pexpiretime', msPerUnit: 1, isAbsolute: true },
]

export const expiry: readonly Command[] = [
  ...setters.map(
    (unit): Command => ({
      name: unit.name,
      arity: -3,
      flags: ['write', 'fast'],
      ...ONE_KEY,
      execute: (args, context) => expire(args, context, unit),
    }),
  ),
  ...getters.map(
    (unit): Command => ({
      name: unit.name,
      arity: 2,
      flags: ['readonly', 'fast'],
      ...ONE_KEY,
      execute: (args, context) => timeLeft(args[1]!, context, unit),
    }),
  ),
  { name: 'persist', arity: 2, flags: ['write', 'fast'], ...ONE_KEY, execute: persist },
]

/** NX, XX, GT, LT: which present TTL allows the change. */
interface Conditions {
  nx: boolean
  xx: boolean
  gt: boolean
  lt: boolean
}

function expire(args: readonly string[], { keys, nowMs, server }: CommandContext, unit: Unit): Reply {
  const conditions = args.length === 3 ? null : parseConditions(args)
  if (conditions !== null && 'kind' in conditions) return conditions
  const atMs = parseTime(args[2]!, unit, nowMs)
  if (typeof atMs === 'object') return atMs
  const key = args[1]!
  const entry = keys.find(key)
  if (entry === undefined) return 0
  if (conditions !== null && !allows(conditions, entry.expireAtMs, atMs)) return 0
  // A replica leaves it to its primary to delete what is late.
  if (atMs <= nowMs && !server.replication?.isReplica) {
    keys.remove(key)
    keys.wrote('del', key)
    return 1
  }
  entry.expireAtMs = atMs
  keys.changed(key)
  keys.wrote('expire', key)
  return 1
}

function parseConditions(args: readonly string[]): Conditions | ErrorReply {
  const conditions = { nx: false, xx: false, gt: false, lt: false }
  for (const option of args.slice(3)) {
    if (isWord(option, 'nx')) conditions.nx = true
    else if (isWord(option, 'xx')) conditions.xx = true
    else if (isWord(option, 'gt')) conditions.gt = true
    else if (isWord(option, 'lt')) conditions.lt = true
    else return errorOf(`ERR Unsupported option ${cText(option)}`)
  }
  const { nx, xx, gt, lt } = conditions
  if (nx && (xx || gt || lt)) return NX_WITH_OTHERS
  return gt && lt ? GT_WITH_LT : conditions
}

/** No TTL counts as one that never ends: GT never beats it, LT always does. */
function allows({ nx, xx, gt, lt }: Conditions, presentMs: Milliseconds | null, atMs: Milliseconds): boolean {
  if (nx && presentMs !== null) return false
  if (xx && presentMs === null) return false
  if (gt && (presentMs === null || atMs <= presentMs)) return false
  return !(lt && presentMs !== null && atMs >= presentMs)
}

/** The absolute time, which may lie in the past. */
function parseTime(text: string, unit: Unit, nowMs: number): Milliseconds | ErrorReply {
  const amount = parseInteger(text)
  if (amount === null) return NOT_AN_INTEGER
  const baseMs = unit.isAbsolute ? 0 : nowMs
  if (Math.abs(amount) < 2 ** 42) return amount * unit.msPerUnit + baseMs
  const exactMs = (parseInteger64(text) ?? 0n) * BigInt(unit.msPerUnit)
  if (exactMs > INT64_MAX || exactMs < INT64_MIN || exactMs > INT64_MAX - BigInt(baseMs))
    return invalidExpiry(unit.name)
  return milliseconds(exactMs + BigInt(baseMs))
}

function timeLeft(key: string, { keys, nowMs }: CommandContext, unit: Unit): Reply {
  const entry = keys.glance(key)
  if (entry === undefined) return -2
  if (entry.expireAtMs === null) return -1
  if (typeof entry.expireAtMs === 'bigint') return farTimeLeft(entry.expireAtMs, nowMs, unit)
  const ms = unit.isAbsolute ? entry.expireAtMs : Math.max(entry.expireAtMs - nowMs, 0)
  return unit.msPerUnit === 1 ? ms : Math.floor((ms + 500) / 1000)
}

function farTimeLeft(expireAtMs: bigint, nowMs: number, unit: Unit): Milliseconds {
  const ms = unit.isAbsolute ? expireAtMs : expireAtMs - BigInt(nowMs)
  return milliseconds(unit.msPerUnit === 1 ? ms : (ms + 500n) / 1000n)
}

function persist(args: readonly string[], { keys }: CommandContext): Reply {
  const entry = keys.find(args[1]!)
  if (entry === undefined || entry.expireAtMs === null) return 0
  entry.expireAtMs = null
  keys.changed(args[1]!)
  keys.wrote('persist', args[1]!)
  return 1
}
