/**
 * What is wrong with a set-up, told from a world in which nothing goes wrong and one client is alone: whatever fails there each
 * time says nothing about faults, and a hunt would call it a violation all the same.
 *
 * Does not model  a lock that answers that another client has it, though none is there: that may be its bug, and stays a verdict.
 */
import { callSite } from '../host/call-site.ts'
import { versionsWith } from '../redis/commands/newer.ts'
import { readThrown } from '../sim/thrown.ts'
import { UsageError } from '../sim/usage-error.ts'
import { isGrant } from './learn-keys.ts'
import type { Call } from './witness.ts'

/** What of the first world is looked at. */
export interface FirstWorld {
  /** The subject's name. */
  readonly name: string
  /** How code was understood that is not declared as a lock; missing: it is. */
  readonly understood: string | undefined
  readonly calls: readonly Call[]
  /** A command that the in-memory Redis does not know, or `set ifeq`; empty: one inside a script; null: it knew all. */
  readonly unknownCommand: string | null
  /** Whether it was said which version of Redis answers: then what it lacks is what the lock is tested with. */
  readonly isVersionSaid: boolean
}

/** The error that a user is told; null: the set-up is right. */
export function setUpError(world: FirstWorld): UsageError | null {
  const { name, understood, calls, unknownCommand, isVersionSaid } = world
  const acquires = calls.filter(({ method }) => method === 'acquire')
  const releases = calls.filter(({ method }) => method === 'release')
  if (acquires.length === 0) return null
  const isGranted = acquires.some(isGrant)
  if (unknownCommand !== null) {
    const isForAnother = !isVersionSaid && versionsWith(unknownCommand).length > 0 && calls.some(isRefusedAsUnknown)
    if (!isGranted || isForAnother) return lacksCommand(name, unknownCommand)
  }
  return (
    failsAlways(world, 'acquire', acquires, isError) ??
    settlesNever(name, acquires) ??
    returnsNothing(name, understood, acquires) ??
    (understood !== undefined && !isGranted ? neverHad(understood, acquires) : null) ??
    sendsNothing(name, acquires) ??
    // What Redis answers to a release may be the very bug; a mistake of the code's is none of its storms'.
    failsAlways(world, 'release', releases, isMistake)
  )
}

/** What a user is told whose code sends a command that the in-memory Redis does not know; empty: one inside a script. */
export function lacksCommand(name: string, command: string): UsageError {
  const versions = versionsWith(command)
  const words = command.toUpperCase().replace(' ', ' … ')
  if (versions.length > 0) {
    return new UsageError(
      name,
      `it sends ${words}, which the Redis that answers does not have`,
      `say which Redis it is for: --redis-version ${versions.join(' or ')}`,
    )
  }
  return new UsageError(
    name,
    command === ''
      ? 'one of its scripts calls a command that the in-memory Redis does not have'
      : `it sends ${words}, which the in-memory Redis does not have`,
    'run it on a redis-server: --redis server',
  )
}

/** Whether a call failed because Redis did not know what it sent. */
const isRefusedAsUnknown = ({ outcome }: Call): boolean =>
  outcome?.kind === 'threw' && /ERR (?:unknown command|syntax error)/.test(readThrown(outcome.error).message)

function failsAlways(
  { name, understood }: FirstWorld,
  method: Call['method'],
  calls: readonly Call[],
  counts: (error: unknown) => boolean,
): UsageError | null {
  const errors = calls.flatMap(({ outcome }) => (outcome?.kind === 'threw' ? [outcome.error] : []))
  if (calls.length === 0 || errors.length < calls.length || !errors.every(counts)) return null
  const [error] = errors
  const times = calls.length === 1 ? 'in its only attempt' : `in each of ${calls.length} attempts`
  return new UsageError(
    placeOf(name, error),
    `${method} failed ${times}, without any fault and with no other client: ${textOf(error)}`,
    understood !== undefined && isMistake(error)
      ? `was it given what it wants? it was taken for ${understood}; lockstorm init with this file writes the ten lines that say how it is called`
      : fixFor(textOf(error)),
    { cause: error },
  )
}

function settlesNever(name: string, acquires: readonly Call[]): UsageError | null {
  if (acquires.some(({ outcome }) => outcome !== null)) return null
  return new UsageError(
    name,
    'acquire never settled, without any fault and with no other client: it waits for what no client, server or timer of a world does',
    'await only what Redis, timers and the context give',
  )
}

function returnsNothing(name: string, understood: string | undefined, acquires: readonly Call[]): UsageError | null {
  const values = acquires.flatMap(({ outcome }) => (outcome?.kind === 'returned' ? [outcome.value] : []))
  if (values.length === 0) return null
  if (values.every((value) => value === undefined)) {
    if (understood !== undefined) return saysNothing(understood)
    return new UsageError(
      name,
      'acquire returned undefined each time: a return may be missing',
      'return a lease such as { token }, or null when another client has the lock',
    )
  }
  const wrong = values.find(
    (value) => typeof value === 'number' || typeof value === 'function' || typeof value === 'symbol',
  )
  if (wrong === undefined) return null
  return new UsageError(
    name,
    `acquire returned ${String(wrong)}: expected a lease such as { token }, or null`,
    'return { token } when the client has the lock, and null when another one has it',
  )
}

/** A function that returns a value somewhere says by it whether the lock is had, and this one had nothing to say. */
const saysNothing = (understood: string): UsageError =>
  new UsageError(
    understood,
    'what takes the lock returned undefined each time, though it returns a value elsewhere: whether the client has the lock is not clear',
    'return true, or a token, when the client has the lock, and false or null when another one has it',
  )

/** Of code that was declared as a lock this is a verdict; here it may have been called in a wrong way. */
const neverHad = (understood: string, { length }: readonly Call[]): UsageError =>
  new UsageError(
    understood,
    `in ${length} attempts the lock was never had, without any fault and with no other client: it may want other arguments`,
    'lockstorm init with this file writes the ten lines that say how it is called',
  )

function sendsNothing(name: string, acquires: readonly Call[]): UsageError | null {
  if (!acquires.some(isGrant) || acquires.some(({ sentBefore, sentAfter }) => sentAfter > sentBefore)) return null
  return new UsageError(
    name,
    'acquire says that the client has the lock, but sent no command to Redis',
    'use the redis of the context, or a client that is made when the file is loaded',
  )
}

const isError = (): boolean => true

/** A mistake in the code itself, and no answer of Redis's. */
const isMistake = (error: unknown): boolean =>
  ['TypeError', 'ReferenceError', 'SyntaxError', 'RangeError'].includes(readThrown(error).name)

function textOf(error: unknown): string {
  const { name, message } = readThrown(error)
  return name === '' || name === 'Error' ? message : `${name}: ${message}`
}

/** The line of the user's own code; an answer of Redis's was made in the driver, far from the call. */
function placeOf(name: string, error: unknown): string {
  const site = callSite(readThrown(error).stack)
  return site === null || site.includes('node_modules') ? name : site
}

/** How node-redis names commands that ioredis writes in lower case. */
const NODE_REDIS_METHOD = /\.([a-z]+[A-Z]\w*) is not a function/
const IOREDIS_METHOD =
  /\.(setnx|pexpire|pttl|hget|hset|hdel|hgetall|zadd|zrem|sadd|srem|psetex|setex|call|defineCommand) is not a function/

function fixFor(text: string): string {
  if (NODE_REDIS_METHOD.test(text))
    return "it speaks to node-redis: add client: 'node-redis', or use the methods of ioredis"
  if (IOREDIS_METHOD.test(text)) return 'it speaks to ioredis: leave client out, or use the methods of node-redis'
  if (/syntax error|wrong number of arguments|must be of type string|Invalid argument type/i.test(text)) {
    return "are the arguments those of this driver? ioredis: set(key, value, 'PX', ms, 'NX'); node-redis: set(key, value, { PX: ms, NX: true }) with client: 'node-redis'"
  }
  return 'make one attempt succeed: nothing else can be tested before'
}
