/**
 * FLUSHALL by another tenant of the server: every key is gone, the lock and its fencing counter too, and no client is told.
 */
import * as z from 'zod'
import { defineFault } from './fault.ts'
import { processName } from './settings.ts'

export const flush = defineFault({
  name: 'flush',
  summary: 'deletes every key of a Redis node, as FLUSHALL by another tenant does',
  example: 'flush: { process: redis-1 }',
  schema: z.strictObject({ process: processName }),
  roles: ['redis'],
  needs: 'a Redis',
  processes: (settings) => [settings.process],
  durationUs: () => 0,
  strike(settings, context) {
    context.suffer(context.process(settings.process), { kind: 'flush' })
  },
  effects: (settings) => [{ kind: 'forgets', process: settings.process, what: 'all keys' }],
  describe: {
    en: (settings) => `somebody empties ${settings.process}`,
    zh: (settings) => `有人清空了 ${settings.process}`,
  },
})
