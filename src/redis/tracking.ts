/**
 * Client side caching: which clients have read which keys, and who is told when one changes.
 *
 * Models          both modes (the keys that a client has read; broadcast by prefix), RESP3 pushes and redirection to a RESP2
 *                 subscriber, OPTIN, OPTOUT, NOLOOP, a broken redirection.
 * Does not model  which keys go first when `tracking-table-max-keys` is reached: Redis draws them, here it is the oldest.
 *
 * Source: tracking.c of Redis 7.0; https://redis.io/docs/latest/develop/reference/client-side-caching/
 */
import { keysOfCall } from './acl/key-access.ts'
import type { CommandRow } from './commands/command-row.ts'
import type { RedisConnection } from './connection.ts'
import { SUBSCRIBED } from './connection-mode.ts'
import type { Reply } from './reply.ts'

const CHANNEL = '__redis__:invalidate'

/** What CLIENT TRACKING ON was told. */
export interface TrackingOptions {
  /** The id of the client that is told instead; 0: none. */
  readonly redirect: number
  readonly isBroadcast: boolean
  readonly mode: 'optin' | 'optout' | null
  readonly skipsOwn: boolean
  readonly prefixes: ReadonlySet<string>
}

/** Of one connection. */
export interface TrackingState extends TrackingOptions {
  /** CLIENT CACHING was given for the next command. */
  isCachingGiven: boolean
  hasBrokenRedirect: boolean
}

export class Tracking {
  /** The client whose command runs; null: none. */
  current: RedisConnection | null = null
  readonly #connections: () => Iterable<RedisConnection>
  readonly #readers = new Map<string, Set<RedisConnection>>()
  /** Keys that have changed, by prefix, with the client that changed each last. */
  readonly #changed = new Map<string, Map<string, RedisConnection | null>>()
  /** What the running client is told after its reply; null: everything is gone. */
  #pending: (string | null)[] = []
  #isFlushing = false

  constructor(connections: () => Iterable<RedisConnection>) {
    this.#connections = connections
  }

  get keyCount(): number {
    return this.#readers.size
  }

  get itemCount(): number {
    let count = 0
    for (const readers of this.#readers.values()) count += readers.size
    return count
  }

  get clients(): readonly RedisConnection[] {
    return [...this.#connections()].filter(({ tracking }) => tracking !== null)
  }

  get prefixes(): ReadonlySet<string> {
    return new Set(this.clients.flatMap(({ tracking }) => [...(tracking?.prefixes ?? [])]))
  }

  /** A client has read by this call. */
  remember(connection: RedisConnection, { name }: CommandRow, args: readonly string[], keysMax: number): void {
    const state = connection.tracking
    if (state === null || state.isBroadcast) return
    if (state.mode !== null && (state.mode === 'optin') !== state.isCachingGiven) return
    for (const { at } of keysOfCall(name, args) ?? []) {
      const key = args[at]!
      const readers = this.#readers.get(key)
      if (readers === undefined) this.#readers.set(key, new Set([connection]))
      else readers.add(connection)
    }
    this.limit(keysMax)
  }

  /** Forgets keys beyond `tracking-table-max-keys`, of which their readers are told. */
  limit(keysMax: number): void {
    while (keysMax !== 0 && this.#readers.size > keysMax) {
      const [oldest] = this.#readers.keys()
      this.#invalidate(oldest!, false)
    }
  }

  /** A key has changed. */
  touched(key: string): void {
    if (this.#isFlushing) return
    for (const prefix of this.prefixes) {
      if (!key.startsWith(prefix)) continue
      const keys = this.#changed.get(prefix) ?? new Map<string, RedisConnection | null>()
      this.#changed.set(prefix, keys.set(key, this.current))
    }
    this.#invalidate(key, true)
  }

  /** `hasChanged`: by the running client; else only what is remembered of it goes. */
  #invalidate(key: string, hasChanged: boolean): void {
    const readers = this.#readers.get(key)
    if (readers === undefined) return
    this.#readers.delete(key)
    for (const reader of inOrder(readers)) {
      const state = reader.tracking
      if (state === null || state.isBroadcast || (hasChanged && state.skipsOwn && reader === this.current)) continue
      if (reader === this.current) this.#pending.push(key)
      else this.#tell(reader, [key])
    }
  }

  /** Everything goes: one message for all keys. */
  flush(clear: () => void): void {
    this.#isFlushing = true
    clear()
    this.#isFlushing = false
    this.#readers.clear()
    for (const client of this.clients) {
      if (client === this.current) this.#pending.push(null)
      else this.#tell(client, null)
    }
  }

  /** The running command has been answered. */
  commandIsOver(): void {
    const { current } = this
    const pending = this.#pending
    this.current = null
    if (pending.length === 0) return
    this.#pending = []
    for (const key of pending) if (current !== null) this.#tell(current, key === null ? null : [key])
  }

  /** The commands that had arrived have run: clients in broadcasting mode are told. */
  broadcast(): void {
    for (const [prefix, keys] of [...this.#changed].sort(byName)) {
      this.#changed.delete(prefix)
      const changed = [...keys].sort(byName)
      for (const client of inOrder(this.clients)) {
        const state = client.tracking!
        if (!state.isBroadcast || !state.prefixes.has(prefix)) continue
        const shown = state.skipsOwn ? changed.filter(([, by]) => by !== client) : changed
        if (shown.length > 0)
          this.#tell(
            client,
            shown.map(([key]) => key),
          )
      }
    }
  }

  #tell(client: RedisConnection, keys: Reply): void {
    const state = client.tracking
    if (state === null) return
    if (state.redirect === 0) {
      if (client.resp === 3) client.push({ kind: 'push', items: ['invalidate', keys] })
      return
    }
    const target = [...this.#connections()].find(({ id }) => id === state.redirect)
    if (target === undefined) {
      state.hasBrokenRedirect = true
      if (client.resp === 3) client.push({ kind: 'push', items: ['tracking-redir-broken', state.redirect] })
    } else if (target.resp === 3) target.push({ kind: 'push', items: ['invalidate', keys] })
    else if ((target.mode & SUBSCRIBED) !== 0) target.push(['message', CHANNEL, keys])
  }
}

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1)

const inOrder = (connections: Iterable<RedisConnection>): readonly RedisConnection[] =>
  [...connections].sort((a, b) => a.id - b.id)
