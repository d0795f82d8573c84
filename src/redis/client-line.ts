/**
 * One connection as CLIENT LIST and CLIENT INFO print it.
 *
 * Does not model  buffers and memory: what an idle connection of Redis 7.0.15 typically shows is printed.
 *
 * Source: networking.c (`catClientInfoString`) of Redis 7.0; https://redis.io/docs/latest/commands/client-list/
 */
import type { RedisConnection } from './connection.ts'
import { CLOSE_AFTER_REPLY, IN_MULTI, MONITOR, PRIMARY, REPLICA, SUBSCRIBED, WAITING } from './connection-mode.ts'

export type ClientType = 'normal' | 'replica' | 'pubsub' | 'master'

/** The kind of client that the TYPE options choose by. */
export function clientType({ mode }: RedisConnection): ClientType {
  if ((mode & PRIMARY) !== 0) return 'master'
  if ((mode & REPLICA) !== 0) return 'replica'
  return (mode & SUBSCRIBED) !== 0 ? 'pubsub' : 'normal'
}

/** File descriptors that a server has open before the first client comes. */
const FIRST_DESCRIPTOR = 7

export function clientLine(connection: RedisConnection, nowMs: number): string {
  const seconds = Math.floor(nowMs / 1000)
  const { subscriptions } = connection
  return [
    `id=${connection.id}`,
    `addr=${connection.address}`,
    `laddr=${connection.server.address}`,
    `fd=${FIRST_DESCRIPTOR + connection.id}`,
    `name=${connection.name}`,
    `age=${seconds - Math.floor(connection.createdMs / 1000)}`,
    `idle=${seconds - Math.floor(connection.lastCommandMs / 1000)}`,
    `flags=${flags(connection)}`,
    `db=${connection.keys.index}`,
    `sub=${subscriptions?.channels.size ?? 0}`,
    `psub=${subscriptions?.patterns.size ?? 0}`,
    `ssub=${subscriptions?.shardChannels.size ?? 0}`,
    `multi=${connection.queuedCount}`,
    'qbuf=26 qbuf-free=20448 argv-mem=10 multi-mem=0 rbs=1024 rbp=0 obl=0 oll=0 omem=0 tot-mem=22298',
    `events=r cmd=${connection.lastCommandName} user=${(connection.mode & PRIMARY) === 0 ? connection.user.name : '(superuser)'} redir=${connection.tracking?.redirect ?? -1} resp=${connection.resp}`,
  ].join(' ')
}

function flags(connection: RedisConnection): string {
  const { mode } = connection
  let letters = ''
  if ((mode & REPLICA) !== 0) letters += 'S'
  if ((mode & PRIMARY) !== 0) letters += 'M'
  if ((mode & MONITOR) !== 0) letters += 'O'
  if ((mode & SUBSCRIBED) !== 0) letters += 'P'
  if ((mode & IN_MULTI) !== 0) letters += 'x'
  if ((mode & WAITING) !== 0) letters += 'b'
  if (connection.transaction.isDirty) letters += 'd'
  if ((mode & CLOSE_AFTER_REPLY) !== 0) letters += 'c'
  if (connection.tracking !== null) letters += 't'
  if (connection.tracking?.hasBrokenRedirect) letters += 'R'
  if (connection.tracking?.isBroadcast) letters += 'B'
  if (connection.isProtectedFromEviction) letters += 'e'
  return letters === '' ? 'N' : letters
}
