/**
 * SCRIPT FLUSH, or anything else that empties a server's script cache: EVALSHA answers NOSCRIPT until a client sends the
 * script again. Code that has no fallback to EVAL can no longer release what it holds.
 *
 * Source: https://redis.io/docs/latest/commands/script-flush/
 */
import * as z from 'zod'
import { defineFault } from './fault.ts'
import { processName } from './settings.ts'

export const scriptFlush = defineFault({
  name: 'script-flush',
  summary: 'makes a Redis node forget its scripts: EVALSHA answers NOSCRIPT',
  example: 'script-flush: { process: redis-1 }',
  schema: z.strictObject({ process: processName }),
  roles: ['redis'],
  needs: 'a Redis',
  processes: (settings) => [settings.process],
  durationUs: () => 0,
  strike(settings, context) {
    context.suffer(context.process(settings.process), { kind: 'script-flush' })
  },
  effects: (settings) => [{ kind: 'forgets', process: settings.process, what: 'scripts' }],
  trouble: () => 'script-flush',
  describe: {
    en: (settings) => `${settings.process} forgets its scripts`,
    zh: (settings) => `${settings.process} 忘记它的脚本`,
  },
  menu: { nodeAtSend: ({ process, isSecond }) => (isSecond ? [] : [{ process }]) },
})
