/**
 * CLIENT TRACKING, CACHING, GETREDIR, TRACKINGINFO.
 *
 * Source: networking.c (`clientCommand`) of Redis 7.0; https://redis.io/docs/latest/commands/client-tracking/
 */
import { isWord, parseInteger } from '../arguments.ts'
import type { CommandContext } from '../command.ts'
import { cText, type ErrorReply, errorOf, NOT_AN_INTEGER, SYNTAX_ERROR } from '../errors.ts'
import { OK, type Reply } from '../reply.ts'
import type { TrackingOptions, TrackingState } from '../tracking.ts'

type Args = readonly string[]

const ONE_REDIRECT = errorOf('ERR A client can only redirect to a single other client')
const NO_SUCH_TARGET = errorOf('ERR The client ID you want redirect to does not exist')
const PREFIX_NEEDS_BROADCAST = errorOf('ERR PREFIX option requires BCAST mode to be enabled')
const CANNOT_SWITCH = (what: string): ErrorReply =>
  errorOf(
    `ERR You can't switch ${what} before disabling tracking for this client, and then re-enabling it with a different mode.`,
  )
const NO_MODE_IN_BROADCAST = errorOf('ERR OPTIN and OPTOUT are not compatible with BCAST')
const ONE_MODE = errorOf("ERR You can't specify both OPTIN mode and OPTOUT mode")
const NOT_TRACKING = errorOf(
  'ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled',
)
const YES_NEEDS_OPTIN = errorOf('ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.')
const NO_NEEDS_OPTOUT = errorOf('ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.')

interface Given {
  redirect: number
  isBroadcast: boolean
  optin: boolean
  optout: boolean
  skipsOwn: boolean
  readonly prefixes: string[]
}

function parse(args: Args, { server }: CommandContext): Given | ErrorReply {
  const given: Given = { redirect: 0, isBroadcast: false, optin: false, optout: false, skipsOwn: false, prefixes: [] }
  for (let index = 3; index < args.length; index++) {
    const word = args[index]!
    const hasMore = index + 1 < args.length
    if (isWord(word, 'redirect') && hasMore) {
      if (given.redirect !== 0) return ONE_REDIRECT
      const id = parseInteger(args[++index]!)
      if (id === null) return NOT_AN_INTEGER
      if (![...server.connections].some((connection) => connection.id === id)) return NO_SUCH_TARGET
      given.redirect = id
    } else if (isWord(word, 'bcast')) given.isBroadcast = true
    else if (isWord(word, 'optin')) given.optin = true
    else if (isWord(word, 'optout')) given.optout = true
    else if (isWord(word, 'noloop')) given.skipsOwn = true
    else if (isWord(word, 'prefix') && hasMore) given.prefixes.push(args[++index]!)
    else return SYNTAX_ERROR
  }
  return given
}

/** Why these options cannot be, beside each other or after those that are; null: they can. */
function contradiction(given: Given, present: TrackingState | null): ErrorReply | null {
  if (!given.isBroadcast && given.prefixes.length > 0) return PREFIX_NEEDS_BROADCAST
  if (present !== null && present.isBroadcast !== given.isBroadcast) return CANNOT_SWITCH('BCAST mode on/off')
  if (given.isBroadcast && (given.optin || given.optout)) return NO_MODE_IN_BROADCAST
  if (given.optin && given.optout) return ONE_MODE
  if ((given.optin && present?.mode === 'optout') || (given.optout && present?.mode === 'optin')) {
    return CANNOT_SWITCH('OPTIN/OPTOUT mode')
  }
  return given.isBroadcast ? overlap(given.prefixes, present?.prefixes ?? new Set()) : null
}

function overlap(prefixes: readonly string[], present: ReadonlySet<string>): ErrorReply | null {
  const collide = (a: string, b: string): boolean => a.startsWith(b) || b.startsWith(a)
  const must = 'Prefixes for a single client must not overlap.'
  for (const [index, prefix] of prefixes.entries()) {
    const known = [...present].sort().find((other) => collide(prefix, other))
    if (known !== undefined) {
      return errorOf(`ERR Prefix '${cText(prefix)}' overlaps with an existing prefix '${cText(known)}'. ${must}`)
    }
    const other = prefixes.slice(index + 1).find((later) => collide(prefix, later))
    if (other !== undefined) {
      return errorOf(`ERR Prefix '${cText(prefix)}' overlaps with another provided prefix '${cText(other)}'. ${must}`)
    }
  }
  return null
}

export function tracking(args: Args, context: CommandContext): Reply {
  const given = parse(args, context)
  if ('kind' in given) return given
  const { connection } = context
  if (isWord(args[2]!, 'off')) {
    connection.tracking = null
    return OK
  }
  if (!isWord(args[2]!, 'on')) return SYNTAX_ERROR
  const present = connection.tracking
  const problem = contradiction(given, present)
  if (problem !== null) return problem
  const { redirect, isBroadcast, skipsOwn, prefixes } = given
  const added = isBroadcast && prefixes.length === 0 ? [''] : prefixes
  const options: TrackingOptions = {
    redirect,
    isBroadcast,
    skipsOwn,
    mode: given.optin ? 'optin' : given.optout ? 'optout' : null,
    prefixes: new Set([...(present?.prefixes ?? []), ...added]),
  }
  connection.tracking = { ...options, isCachingGiven: present?.isCachingGiven ?? false, hasBrokenRedirect: false }
  context.server.startTracking()
  return OK
}

export function caching(args: Args, { connection }: CommandContext): Reply {
  const state = connection.tracking
  if (state === null) return NOT_TRACKING
  const isYes = isWord(args[2]!, 'yes')
  if (!isYes && !isWord(args[2]!, 'no')) return SYNTAX_ERROR
  if (isYes && state.mode !== 'optin') return YES_NEEDS_OPTIN
  if (!isYes && state.mode !== 'optout') return NO_NEEDS_OPTOUT
  state.isCachingGiven = true
  return OK
}

export const redirection = (_args: Args, { connection }: CommandContext): Reply => connection.tracking?.redirect ?? -1

export function trackingInfo(_args: Args, { connection }: CommandContext): Reply {
  const state = connection.tracking
  const flags = state === null ? ['off'] : ['on', ...flagsOf(state)]
  return {
    kind: 'map',
    entries: [
      ['flags', { kind: 'set', items: flags }],
      ['redirect', state?.redirect ?? -1],
      ['prefixes', [...(state?.prefixes ?? [])].sort()],
    ],
  }
}

function flagsOf({ isBroadcast, mode, isCachingGiven, skipsOwn, hasBrokenRedirect }: TrackingState): readonly string[] {
  return [
    ...(isBroadcast ? ['bcast'] : []),
    ...(mode === null ? [] : [mode]),
    ...(mode !== null && isCachingGiven ? [mode === 'optin' ? 'caching-yes' : 'caching-no'] : []),
    ...(skipsOwn ? ['noloop'] : []),
    ...(hasBrokenRedirect ? ['broken_redirect'] : []),
  ]
}
