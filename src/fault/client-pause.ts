/**
 * CLIENT PAUSE, as a failover by hand does it: commands wait, then run in the order in which they came. Time passes
 * meanwhile, so leases end in the queue.
 *
 * Nothing ends it early: with `only: all` an operator's commands wait as well.
 *
 * Source: https://redis.io/docs/latest/commands/client-pause/
 */
import * as z from 'zod'
import { expectedGot } from '../sim/shown.ts'
import { formatUs } from '../sim/units.ts'
import { defineFault } from './fault.ts'
import { processName, wholeMs } from './settings.ts'

const MODES = ['all', 'write'] as const

export const clientPause = defineFault({
  name: 'client-pause',
  summary: 'makes a Redis node let all commands (or those that write) wait for a while',
  example: 'client-pause: { process: redis-1, for: 500ms, only: write }',
  schema: z.strictObject({
    process: processName,
    for: wholeMs,
    only: z.enum(MODES, { error: (issue) => expectedGot('all or write', issue.input) }).default('all'),
  }),
  size: 'for',
  roles: ['redis'],
  needs: 'a Redis',
  processes: (settings) => [settings.process],
  durationUs: (settings) => settings.for,
  strike(settings, context) {
    context.suffer(context.process(settings.process), {
      kind: 'client-pause',
      ms: settings.for / 1000,
      onlyWrites: settings.only === 'write',
    })
  },
  effects: (settings) => [
    { kind: 'lets-wait', process: settings.process, commands: settings.only, forUs: settings.for },
  ],
  describe: {
    en: (settings) =>
      `${settings.process} lets ${settings.only === 'write' ? 'writes' : 'all commands'} wait for ${formatUs(settings.for)}`,
    zh: (settings) =>
      `${settings.process} 让${settings.only === 'write' ? '写入' : '所有命令'}等待 ${formatUs(settings.for)}`,
  },
})
