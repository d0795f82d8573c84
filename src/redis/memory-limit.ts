/**
 * `maxmemory` and `maxmemory-policy`: what is evicted before a command runs, and whether that is enough.
 *
 * Models          OOM as Redis decides it: with more memory used than the limit allows and nothing (left) to evict,
 *                 commands that may need memory are refused; `volatile-*` touches keys with a TTL only.
 * Models partly   the memory that is used: an empty server and its strings as measured on redis-server 7.0.15, other
 *                 values as `memory-usage.ts` estimates them, clients and scripts not at all. So a limit far below or
 *                 far above what is used does what it does in Redis; one that is close may not.
 * Does not model  which key goes first among those that may go: Redis draws samples. Here it is the one that ends first
 *                 (`volatile-ttl`), else the oldest.
 *
 * Source: evict.c (`performEvictions`) of Redis 7.0; https://redis.io/docs/latest/develop/reference/eviction/
 */
import type { Keyspace } from './keyspace.ts'
import type { MemoryRedis } from './memory-redis.ts'
import { memoryUsage } from './memory-usage.ts'
import type { Milliseconds } from './value.ts'

/** What a server uses before it holds anything. */
const EMPTY_SERVER_BYTES = 1_015_216

/** `maxmemory`; 0: there is no limit. */
export const memoryLimit = ({ config }: MemoryRedis): number => Number(config.get('maxmemory'))

/** Bytes in use, as INFO prints them. */
export function usedMemory({ databases }: MemoryRedis): number {
  let bytes = EMPTY_SERVER_BYTES
  for (const keys of databases) for (const [key, { value }] of keys.entries()) bytes += memoryUsage(key, value)
  return bytes
}

/** Evicts until the limit is kept; false when it cannot be. */
export function makeRoom(server: MemoryRedis): boolean {
  const limit = memoryLimit(server)
  const policy = server.config.get('maxmemory-policy')
  let used = usedMemory(server)
  while (used > limit) {
    const victim = policy === 'noeviction' ? null : nextVictim(server, policy)
    if (victim === null) return false
    const { keys, key, bytes } = victim
    // Also a key whose time is up is gone then: either way its memory is free.
    keys.nowMs = server.nowMs
    keys.remove(key)
    keys.wrote('evicted', key, 0)
    server.replication?.removed(keys, key)
    server.evictedCount++
    used -= bytes
  }
  return true
}

interface Victim {
  readonly keys: Keyspace
  readonly key: string
  readonly bytes: number
  readonly expireAtMs: Milliseconds | null
}

/** The key that the policy gives up first; null: there is none that it may touch. */
function nextVictim({ databases }: MemoryRedis, policy: string): Victim | null {
  let victim: Victim | null = null
  for (const keys of databases) {
    for (const [key, { value, expireAtMs }] of keys.entries()) {
      if (expireAtMs === null && policy.startsWith('volatile-')) continue
      const candidate = { keys, key, bytes: memoryUsage(key, value), expireAtMs }
      if (policy !== 'volatile-ttl') return candidate
      if (victim === null || expireAtMs! < victim.expireAtMs!) victim = candidate
    }
  }
  return victim
}
