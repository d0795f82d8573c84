/**
 * How a command answers: what the bridge must know of it to tell when the server has said everything.
 *
 * Only exceptions are listed; whatever is not here gives exactly one reply, at once, to the connection that asked.
 *
 * Source: https://redis.io/docs/latest/commands/
 */
import { isWord, parseInteger, timeoutArgument } from '../../redis/arguments.ts'

export type Answering =
  /** One reply, at once. */
  | { readonly kind: 'once' }
  /** One reply, at once or when something happens or the time is up (null: no limit). */
  | { readonly kind: 'waits'; readonly timeoutMs: number | null }
  /** One reply, then the connection is closed. */
  | { readonly kind: 'ends' }
  /** One reply, at once; now or later other connections, or this one, may be cut or answered; the server is not as before. */
  | { readonly kind: 'reaches' }
  /** One reply, at once; then no client is answered for a while. */
  | { readonly kind: 'pauses'; readonly ms: number }
  /** A confirmation for each channel; `count` 0: for each that is subscribed, or one for none. */
  | { readonly kind: 'subscribes'; readonly verb: string; readonly count: number }
  /** One reply, at once; from here on the connection may hear something unasked (CLIENT TRACKING). */
  | { readonly kind: 'listens' }
  /** From here on replies cannot be counted: MONITOR, CLIENT REPLY OFF. */
  | { readonly kind: 'loosens' }
  /** From here on it is not RESP: a replication stream. */
  | { readonly kind: 'streams' }

export const ONCE: Answering = { kind: 'once' }
const REACHES: Answering = { kind: 'reaches' }
const LOOSENS: Answering = { kind: 'loosens' }
const STREAMS: Answering = { kind: 'streams' }

type Classify = (args: readonly string[]) => Answering

const secondsAt =
  (index: number): Classify =>
  (args) => {
    const timeoutMs = timeoutArgument(args.at(index) ?? '')
    return { kind: 'waits', timeoutMs: typeof timeoutMs === 'number' ? timeoutMs : null }
  }

const waitsMs = (text: string | undefined): Answering => {
  const timeoutMs = parseInteger(text ?? '')
  return { kind: 'waits', timeoutMs: timeoutMs === 0 ? null : timeoutMs }
}

const stream: Classify = (args) => {
  const block = args.findIndex((word) => isWord(word, 'block'))
  return block === -1 ? ONCE : waitsMs(args[block + 1])
}

const client: Classify = (args) => {
  switch (args[1]?.toLowerCase()) {
    case 'pause': {
      const ms = parseInteger(args[2] ?? '')
      return ms === null || ms < 0 ? ONCE : { kind: 'pauses', ms }
    }
    case 'kill':
    case 'unblock':
    case 'unpause':
      return REACHES
    case 'reply':
      return LOOSENS
    case 'tracking':
      return { kind: 'listens' }
    default:
      return ONCE
  }
}

const subscription: Classify = (args) => ({
  kind: 'subscribes',
  verb: args[0]!.toLowerCase(),
  count: args.length - 1,
})
const reaching: Classify = () => REACHES

const EXCEPTIONS: ReadonlyMap<string, Classify> = new Map<string, Classify>([
  ['blpop', secondsAt(-1)],
  ['brpop', secondsAt(-1)],
  ['bzpopmin', secondsAt(-1)],
  ['bzpopmax', secondsAt(-1)],
  ['brpoplpush', secondsAt(-1)],
  ['blmove', secondsAt(-1)],
  ['blmpop', secondsAt(1)],
  ['bzmpop', secondsAt(1)],
  ['xread', stream],
  ['xreadgroup', stream],
  ['wait', (args) => waitsMs(args[2])],
  ['waitaof', (args) => waitsMs(args[3])],
  ['subscribe', subscription],
  ['psubscribe', subscription],
  ['ssubscribe', subscription],
  ['unsubscribe', subscription],
  ['punsubscribe', subscription],
  ['sunsubscribe', subscription],
  ['monitor', () => LOOSENS],
  ['sync', () => STREAMS],
  ['psync', () => STREAMS],
  ['client', client],
  ['config', (args) => (isWord(args[1] ?? '', 'set') ? REACHES : ONCE)],
  ['script', (args) => (isWord(args[1] ?? '', 'debug') ? REACHES : ONCE)],
  ['quit', () => ({ kind: 'ends' })],
  ...['acl', 'debug', 'shutdown', 'failover', 'replicaof', 'slaveof', 'cluster', 'module'].map(
    (name): [string, Classify] => [name, reaching],
  ),
])

/** How this command answers. */
export function answeringOf(args: readonly string[]): Answering {
  return EXCEPTIONS.get(args[0]?.toLowerCase() ?? '')?.(args) ?? ONCE
}
