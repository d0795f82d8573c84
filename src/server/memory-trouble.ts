/**
 * Trouble for the in-memory Redis: what an operator's command, or the memory running out, does to it.
 */
import type { MemoryRedis, ServerFault } from '../redis/memory-redis.ts'
import { ScriptCache } from '../redis/script-cache.ts'
import { assertNever } from '../sim/assert.ts'
import { type RefusingState, rightRule, type Trouble, UNKNOWN_PASSWORD } from './trouble.ts'

/** Makes it happen; there is nothing that this server cannot have. */
export function sufferInMemory(redis: MemoryRedis, trouble: Trouble): void {
  switch (trouble.kind) {
    case 'script-flush':
      redis.scriptCache = new ScriptCache()
      return
    case 'flush':
      for (const keys of redis.databases) {
        for (const [key] of keys.entries()) redis.replication?.removed(keys, key)
        keys.clear()
      }
      return
    case 'evict': {
      const keys = redis.database(0)
      keys.nowMs = redis.nowMs
      if (keys.remove(trouble.key)) redis.replication?.removed(keys, trouble.key)
      return
    }
    case 'state':
      setState(redis, trouble.state, trouble.isOn)
      return
    case 'right':
      redis.users.default.apply(rightRule(trouble))
      redis.userChanged(redis.users.default)
      return
    default:
      assertNever(trouble)
  }
}

const SWITCHES: Readonly<Record<Exclude<RefusingState, 'oom' | 'busy' | 'no-auth'>, keyof ServerFault>> = {
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
  if (state === 'busy') {
    if (isOn) runForEver(redis)
    else redis.killBusyScript()
    return
  }
  if (state === 'no-auth') {
    redis.config.set([['requirepass', isOn ? UNKNOWN_PASSWORD : '']])
    redis.passwordChanged()
    return
  }
  redis.fault = { ...redis.fault, [SWITCHES[state]]: isOn }
  if (state === 'read-only' && isOn) redis.dropBlockedClients()
}

/** Another tenant's script that never ends, past `busy-reply-threshold`; SCRIPT KILL ends it. */
function runForEver(redis: MemoryRedis): void {
  if (redis.busyScript !== null) return
  redis.becomeBusy({
    caller: redis.connect({ onReply: () => {} }),
    kind: 'script',
    name: FOR_EVER_SHA1,
    args: ['eval', FOR_EVER, '0'],
    sinceMs: redis.nowMs,
    hasWritten: false,
    replyWhenKilled: null,
  })
}

const FOR_EVER = 'while true do end'
const FOR_EVER_SHA1 = '694a5fe1ddb97a4c6a1bf299d9537c7d3d0f84e7'
