/**
 * Keyspace events: what happens to keys, and who is told of it over pub/sub.
 *
 * `CONFIG SET notify-keyspace-events KEA` makes the server publish each event twice: its name on `__keyspace@0__:key`, the
 * key on `__keyevent@0__:event`. The default publishes nothing, and then no event costs more than a comparison.
 *
 * Source: notify.c of Redis 7.0; https://redis.io/docs/latest/develop/use/keyspace-notifications/
 */
import type { PubSub } from './subscriptions.ts'

/** The events by the letter of their class. */
const EVENTS = {
  g: ['del', 'rename_from', 'rename_to', 'move_from', 'move_to', 'copy_to', 'restore', 'expire', 'persist'],
  $: ['set', 'setrange', 'incrby', 'incrbyfloat', 'append', 'setbit', 'pfadd'],
  l: ['lpush', 'rpush', 'lpop', 'rpop', 'linsert', 'lset', 'lrem', 'ltrim', 'sortstore'],
  s: ['sadd', 'srem', 'spop', 'sinterstore', 'sunionstore', 'sdiffstore'],
  h: ['hset', 'hdel', 'hincrby', 'hincrbyfloat', 'hexpire', 'hpersist', 'hexpired'],
  z: [
    ...(['zadd', 'zincr', 'zrem', 'zremrangebyrank', 'zremrangebyscore', 'zremrangebylex', 'zpopmin'] as const),
    ...(['zpopmax', 'zrangestore', 'zunionstore', 'zinterstore', 'zdiffstore'] as const),
    ...(['geosearchstore', 'georadiusstore'] as const),
  ],
  t: [
    ...(['xadd', 'xdel', 'xtrim', 'xsetid', 'xgroup-create', 'xgroup-createconsumer', 'xgroup-delconsumer'] as const),
    ...(['xgroup-destroy', 'xgroup-setid'] as const),
  ],
  x: ['expired'],
  e: ['evicted'],
  n: ['new'],
  m: ['keymiss'],
} as const

type EventClass = keyof typeof EVENTS

/** What can happen to a key, by the name that Redis gives it. */
export type KeyEvent = (typeof EVENTS)[EventClass][number]

const CLASS_OF: ReadonlyMap<string, string> = new Map(
  Object.entries(EVENTS).flatMap(([letter, names]) => names.map((name): [string, string] => [name, letter])),
)

/** All classes that `A` stands for. */
export const ALL_EVENTS = 'g$lshzxetd'

/** Publishes the events of one database that `notify-keyspace-events` asks for; null: it asks for none. */
export function eventPublisher(
  setting: string,
  database: number,
  pubSub: () => PubSub,
): ((event: KeyEvent, key: string) => void) | null {
  const classes = new Set(setting.includes('A') ? setting + ALL_EVENTS : setting)
  const toKeySpace = classes.has('K')
  const toKeyEvent = classes.has('E')
  if (!toKeySpace && !toKeyEvent) return null
  return (event, key) => {
    if (!classes.has(CLASS_OF.get(event)!)) return
    if (toKeySpace) pubSub().publish(`__keyspace@${database}__:${key}`, event)
    if (toKeyEvent) pubSub().publish(`__keyevent@${database}__:${event}`, key)
  }
}
