/**
 * Pub/sub: who listens to which channel, pattern and shard channel.
 *
 * Messages go to the subscribers of the channel in the order they subscribed, then to those of matching patterns.
 *
 * Source: pubsub.c of Redis 7.0; https://redis.io/docs/latest/develop/interact/pubsub/
 */
import type { RedisConnection } from './connection.ts'
import { SUBSCRIBED } from './connection-mode.ts'
import { globMatches } from './glob.ts'
import type { Reply } from './reply.ts'

/** What one connection is subscribed to, in the order it subscribed. */
export interface Subscriptions {
  readonly channels: Set<string>
  readonly patterns: Set<string>
  readonly shardChannels: Set<string>
}

type Kind = keyof Subscriptions

/** What the notifications of a kind are called. */
const NAMES: Readonly<Record<Kind, { readonly subscribe: string; readonly unsubscribe: string }>> = {
  channels: { subscribe: 'subscribe', unsubscribe: 'unsubscribe' },
  patterns: { subscribe: 'psubscribe', unsubscribe: 'punsubscribe' },
  shardChannels: { subscribe: 'ssubscribe', unsubscribe: 'sunsubscribe' },
}

const push = (...items: Reply[]): Reply => ({ kind: 'push', items })

/** All subscriptions of one server. */
export class PubSub {
  readonly channels = new Map<string, Set<RedisConnection>>()
  readonly patterns = new Map<string, Set<RedisConnection>>()
  readonly shardChannels = new Map<string, Set<RedisConnection>>()

  /** SUBSCRIBE, PSUBSCRIBE, SSUBSCRIBE: one notification a name. */
  subscribe(connection: RedisConnection, kind: Kind, names: readonly string[]): void {
    connection.subscriptions ??= { channels: new Set(), patterns: new Set(), shardChannels: new Set() }
    const mine = connection.subscriptions
    for (const name of names) {
      if (!mine[kind].has(name)) {
        mine[kind].add(name)
        const subscribers = this[kind].get(name)
        if (subscribers === undefined) this[kind].set(name, new Set([connection]))
        else subscribers.add(connection)
      }
      connection.push(push(NAMES[kind].subscribe, name, count(mine, kind)))
    }
    connection.mode |= SUBSCRIBED
  }

  /** UNSUBSCRIBE and relatives; without names: all of this kind, or one notification that there were none. */
  unsubscribe(connection: RedisConnection, kind: Kind, names: readonly string[] | null): void {
    const mine = connection.subscriptions
    const called = NAMES[kind].unsubscribe
    const leaving = names ?? (mine === null ? [] : [...mine[kind]])
    for (const name of leaving) {
      this.#remove(connection, kind, name)
      connection.push(push(called, name, mine === null ? 0 : count(mine, kind)))
    }
    if (names === null && leaving.length === 0)
      connection.push(push(called, null, mine === null ? 0 : count(mine, kind)))
    if (mine === null || total(mine) === 0) connection.mode &= ~SUBSCRIBED
  }

  /** The connection is gone, or RESET: no client is told. */
  forget(connection: RedisConnection): void {
    const mine = connection.subscriptions
    if (mine === null) return
    for (const kind of ['channels', 'patterns', 'shardChannels'] as const) {
      for (const name of mine[kind]) this.#remove(connection, kind, name)
    }
    connection.mode &= ~SUBSCRIBED
  }

  /** PUBLISH: how many received it. */
  publish(channel: string, message: string): number {
    let receivers = 0
    for (const subscriber of this.channels.get(channel) ?? []) {
      subscriber.push(push('message', channel, message))
      receivers++
    }
    for (const [pattern, subscribers] of this.patterns) {
      if (!globMatches(pattern, channel)) continue
      for (const subscriber of subscribers) {
        subscriber.push(push('pmessage', pattern, channel, message))
        receivers++
      }
    }
    return receivers
  }

  /** SPUBLISH: patterns do not see shard channels. */
  publishShard(channel: string, message: string): number {
    const subscribers = this.shardChannels.get(channel) ?? new Set()
    for (const subscriber of subscribers) subscriber.push(push('smessage', channel, message))
    return subscribers.size
  }

  /** Shard channels that are another node's now: their subscribers are told that they hear no more. */
  dropShardChannels(isGone: (channel: string) => boolean): void {
    for (const [channel, subscribers] of [...this.shardChannels]) {
      if (isGone(channel)) for (const each of [...subscribers]) this.unsubscribe(each, 'shardChannels', [channel])
    }
  }

  #remove(connection: RedisConnection, kind: Kind, name: string): void {
    if (connection.subscriptions?.[kind].delete(name) !== true) return
    const subscribers = this[kind].get(name)
    subscribers?.delete(connection)
    if (subscribers?.size === 0) this[kind].delete(name)
  }
}

/** What the notification counts: channels and patterns together, shard channels apart. */
const count = (mine: Subscriptions, kind: Kind): number =>
  kind === 'shardChannels' ? mine.shardChannels.size : mine.channels.size + mine.patterns.size

const total = (mine: Subscriptions): number => mine.channels.size + mine.patterns.size + mine.shardChannels.size
