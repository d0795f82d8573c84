/**
 * HyperLogLog: PFADD, PFCOUNT, PFMERGE, and PFDEBUG, which shows their inside.
 *
 * Source: https://redis.io/docs/latest/commands/?group=hyperloglog
 */
import type { Command, CommandContext } from '../command.ts'
import { cText, type ErrorReply, errorOf, WRONG_TYPE } from '../errors.ts'
import * as log from '../hyperloglog.ts'
import { CORRUPTED, type HyperLogLog } from '../hyperloglog.ts'
import type { Keyspace } from '../keyspace.ts'
import { integerReply, OK, type Reply, status } from '../reply.ts'
import type { Entry } from '../value.ts'
import { NO_KEYS, ONE_KEY, ONLY_KEYS, SECOND_ARGUMENT } from './key-positions.ts'

type Args = readonly string[]

const NOT_A_LOG = errorOf('WRONGTYPE Key is not a valid HyperLogLog string value.')
const BROKEN_LOG = errorOf('INVALIDOBJ Corrupted HLL object detected')
const NO_KEY = errorOf('ERR The specified key does not exist')
const NOT_SPARSE = errorOf('ERR HLL encoding is not sparse')

export const hyperLogLogs: readonly Command[] = [
  { name: 'pfadd', arity: -2, flags: ['write', 'denyoom', 'fast'], ...ONE_KEY, execute: pfadd },
  { name: 'pfcount', arity: -2, flags: ['readonly', 'may_replicate'], ...ONLY_KEYS, execute: pfcount },
  { name: 'pfmerge', arity: -2, flags: ['write', 'denyoom'], ...ONLY_KEYS, execute: pfmerge },
  { name: 'pfdebug', arity: 3, flags: ['write', 'denyoom', 'admin'], ...SECOND_ARGUMENT, execute: pfdebug },
  { name: 'pfselftest', arity: 1, flags: ['admin'], ...NO_KEYS, execute: () => OK },
]

/** The log in an entry, or the error for what is none. */
function open({ value }: Entry): HyperLogLog | ErrorReply {
  if (value.type !== 'string') return WRONG_TYPE
  return log.openHyperLogLog(value.text) ?? NOT_A_LOG
}

function write(entry: Entry, changed: HyperLogLog): void {
  entry.value = { type: 'string', text: log.textOf(changed), form: 'raw' }
}

/** The entry that PFADD and PFMERGE change, made when there is none. */
function entryAt(keys: Keyspace, key: string): Entry {
  const known = keys.look(key)
  if (known !== undefined) return known
  keys.put(key, { type: 'string', text: log.textOf(log.emptyHyperLogLog()), form: 'raw' })
  return keys.look(key)!
}

function pfadd(args: Args, { keys }: CommandContext): Reply {
  const key = args[1]!
  const isNew = keys.find(key) === undefined
  const entry = entryAt(keys, key)
  const opened = open(entry)
  if ('kind' in opened) return opened
  let changes = isNew ? 1 : 0
  for (const element of args.slice(2)) {
    const result = log.addElement(opened, element, keys.compactLimits.sparseLogBytes)
    if (result === CORRUPTED) return BROKEN_LOG
    if (result) changes++
  }
  if (changes > 0) log.forgetEstimate(opened)
  write(entry, opened)
  if (changes === 0) return 0
  if (!isNew) keys.changed(key)
  keys.wrote('pfadd', key, changes)
  return 1
}

function pfcount(args: Args, { keys }: CommandContext): Reply {
  if (args.length > 2) {
    const registers = union(keys, args.slice(1))
    return 'kind' in registers ? registers : integerReply(log.estimateOf(registers.registers))
  }
  const entry = keys.find(args[1]!)
  if (entry === undefined) return 0
  const opened = open(entry)
  if ('kind' in opened) return opened
  const cached = log.cachedEstimate(opened)
  if (cached !== null) return integerReply(cached)
  const counted = log.estimate(opened)
  if (counted === null) return BROKEN_LOG
  log.cacheEstimate(opened, counted)
  write(entry, opened)
  // The cached estimate is a part of the string.
  keys.changed(args[1]!)
  keys.changes++
  return integerReply(counted)
}

/** The highest value of each register in several logs. */
function union(
  keys: Keyspace,
  names: readonly string[],
): { readonly registers: Uint8Array; readonly hasDense: boolean } | ErrorReply {
  const registers = new Uint8Array(log.REGISTER_COUNT)
  let hasDense = false
  for (const key of names) {
    const entry = keys.read(key)
    if (entry === undefined) continue
    const opened = open(entry)
    if ('kind' in opened) return opened
    if (log.isDense(opened)) hasDense = true
    const more = log.registersOf(opened)
    if (more === null) return BROKEN_LOG
    for (let index = 0; index < log.REGISTER_COUNT; index++) {
      if (more[index]! > registers[index]!) registers[index] = more[index]!
    }
  }
  return { registers, hasDense }
}

function pfmerge(args: Args, { keys }: CommandContext): Reply {
  const key = args[1]!
  const merged = union(keys, args.slice(1))
  if ('kind' in merged) return merged
  const isNew = keys.find(key) === undefined
  const entry = entryAt(keys, key)
  const target = open(entry)
  if ('kind' in target) return target
  if (merged.hasDense && !log.makeDense(target)) return BROKEN_LOG
  merged.registers.forEach((value, index) => {
    if (value > 0) log.raise(target, index, value, keys.compactLimits.sparseLogBytes)
  })
  log.forgetEstimate(target)
  write(entry, target)
  if (!isNew) keys.changed(key)
  keys.wrote('pfadd', key)
  return OK
}

function pfdebug(args: Args, { keys }: CommandContext): Reply {
  const entry = keys.find(args[2]!)
  if (entry === undefined) return NO_KEY
  const opened = open(entry)
  if ('kind' in opened) return opened
  switch (args[1]!.toLowerCase()) {
    case 'getreg': {
      const hasChanged = makeDense(entry, opened, keys)
      return typeof hasChanged === 'boolean' ? [...log.registersOf(opened)!] : hasChanged
    }
    case 'decode':
      return log.isDense(opened) ? NOT_SPARSE : decoded(opened)
    case 'encoding':
      return status(log.isDense(opened) ? 'dense' : 'sparse')
    case 'todense': {
      const hasChanged = makeDense(entry, opened, keys)
      return typeof hasChanged === 'boolean' ? Number(hasChanged) : hasChanged
    }
    default:
      return errorOf(`ERR Unknown PFDEBUG subcommand '${cText(args[1]!)}'`)
  }
}

function makeDense(entry: Entry, opened: HyperLogLog, keys: Keyspace): boolean | ErrorReply {
  if (log.isDense(opened)) return false
  if (!log.makeDense(opened)) return BROKEN_LOG
  write(entry, opened)
  keys.changes++
  return true
}

/** `z` and `Z`: zeros, in one byte and in two; `v`: a value and how many registers have it. */
const decoded = ({ bytes }: HyperLogLog): string =>
  Array.from(log.runsOf(bytes), ({ bytes: size, length, value }) =>
    value > 0 ? `v:${value},${length}` : `${size === 1 ? 'z' : 'Z'}:${length}`,
  ).join(' ')
