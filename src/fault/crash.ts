/**
 * A crash: the process ends at once. The kernel resets its connections; what it had not sent is never sent.
 */
import * as z from 'zod'
import { defineFault, EVERY_ROLE } from './fault.ts'
import { processName } from './settings.ts'

export const crash = defineFault({
  name: 'crash',
  summary: 'ends a process for good',
  example: 'crash: { process: A }',
  schema: z.strictObject({ process: processName }),
  roles: EVERY_ROLE,
  processes: (settings) => [settings.process],
  durationUs: () => 0,
  strike(settings, context) {
    context.process(settings.process).crash()
  },
  effects: (settings) => [{ kind: 'ends', process: settings.process, forUs: null, isSilent: false }],
  describe: {
    en: (settings) => `${settings.process} crashes`,
    zh: (settings) => `${settings.process} 崩溃`,
  },
  menu: {
    clientAtSend: ({ process }) => [{ process }],
    // With Sentinels a replica takes its place.
    nodeAtSend: ({ process, promotedUs, isSecond }) => (promotedUs === 0 || isSecond ? [] : [{ process }]),
  },
  random: ({ client, record }) => record({ process: client }),
})
