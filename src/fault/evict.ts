/**
 * An eviction: the server needs memory and gives up one key. Which one is a matter of samples and luck in Redis; here it
 * is the one that hurts, or the one that is named.
 *
 * Does not model  which key `maxmemory-policy` would have chosen; that the memory fills up again (see `oom`).
 *
 * Source: https://redis.io/docs/latest/develop/reference/eviction/
 */
import * as z from 'zod'
import { defineFault } from './fault.ts'
import { keyName, processName } from './settings.ts'

export const evict = defineFault({
  name: 'evict',
  summary: 'makes a Redis node evict one key: the lock or the session, unless another is named',
  example: 'evict: { process: redis-1, key: orders/42 }',
  schema: z.strictObject({ process: processName, key: keyName.optional() }),
  roles: ['redis'],
  needs: 'a Redis',
  processes: (settings) => [settings.process],
  durationUs: () => 0,
  strike(settings, context) {
    const node = context.process(settings.process)
    context.suffer(node, { kind: 'evict', key: settings.key ?? context.watchedKey })
  },
  effects: (settings) => [{ kind: 'forgets', process: settings.process, what: 'one key' }],
  describe: {
    en: (settings) => `${settings.process} evicts ${settings.key === undefined ? 'the key' : `"${settings.key}"`}`,
    zh: (settings) => `${settings.process} 淘汰${settings.key === undefined ? '键' : `“${settings.key}”`}`,
  },
})
