/**
 * Trouble for the in-memory Redis: what an operator's command, or the memory running out, does to it.
 */
import type { MemoryRedis, ServerFault } from '../redis/memory-redis.ts'
import { ScriptCache } from '../redis/script-cache.ts'
import { assertNever } from '../sim/assert.ts'
import type { RefusingState, Trouble } from './trouble.ts'

/** Makes it happen; there is nothing that this server cannot have. */
export function sufferInMemory(redis: MemoryRedis, trouble: Trouble): void {
  switch (trouble.kind) {
    case 'script-flush':
      redis.scriptCache = new ScriptCache()
      return
    case 'flush':
      for (const keys of redis.databases) keys.clear()
      return
    case 'evict': {
      const keys = redis.database(0)
      keys.nowMs = redis.nowMs
      keys.remove(trouble.key)
      return
    }
    case 'state':
      setState(redis, trouble.state, trouble.isOn)
      return
    default:
      assertNever(trouble)
  }
}

const SWITCHES: Readonly<Record<Exclude<RefusingState, 'oom'>, keyof ServerFault>> = {
  'read-only': 'readOnly',
  misconf: 'misconf',
  loading: 'loading',
}

function setState(redis: MemoryRedis, state: RefusingState, isOn: boolean): void {
  if (state === 'oom') {
    // As an operator would see it with CONFIG GET: a limit that the server itself is above.
    redis.config.set([['maxmemory', isOn ? '1' : '0']])
    redis.reconfigure()
    return
  }
  redis.fault = { ...redis.fault, [SWITCHES[state]]: isOn }
  if (state === 'read-only' && isOn) redis.dropBlockedClients()
}
