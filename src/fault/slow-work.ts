/**
 * Slow work: what the client does under the lock takes longer, while its event loop stays alive, so timers (a watchdog)
 * still run.
 */
import * as z from 'zod'
import { formatUs } from '../sim/units.ts'
import { defineFault } from './fault.ts'
import { durationUs, processName } from './settings.ts'

export const slowWork = defineFault({
  name: 'slow-work',
  summary: 'makes the work a client does under the lock take longer',
  example: 'slow-work: { process: A, by: 2s }',
  schema: z.strictObject({ process: processName, by: durationUs }),
  size: 'by',
  roles: ['client'],
  processes: (settings) => [settings.process],
  durationUs: (settings) => settings.by,
  strike(settings, context) {
    const process = context.process(settings.process)
    context.slowDown(process, settings.by)
    context.healAtEnd(() => context.slowDown(process, 0))
  },
  effects: (settings) => [{ kind: 'slows-work', process: settings.process, byUs: settings.by }],
  describe: {
    en: (settings) => `${settings.process} works ${formatUs(settings.by)} longer`,
    zh: (settings) => `${settings.process} 多工作 ${formatUs(settings.by)}`,
  },
  menu: {
    clientAtStart: ({ process, overLeaseUs, leasesUs }) => [overLeaseUs, leasesUs].map((us) => ({ process, by: us })),
  },
  random: ({ client, lastingUs, record }) => record({ process: client, by: lastingUs }),
})
