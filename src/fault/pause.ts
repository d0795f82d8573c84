/**
 * A pause: garbage collection, a stalled event loop, SIGSTOP, a suspended virtual machine. The process does nothing and
 * notices nothing; its clocks run on.
 *
 * Source: Kleppmann 2016, "Protecting a resource with a lock".
 */
import * as z from 'zod'
import { formatUs } from '../sim/units.ts'
import { defineFault, EVERY_ROLE } from './fault.ts'
import { durationUs, processName } from './settings.ts'

export const pause = defineFault({
  name: 'pause',
  summary: 'stops a process for a while, as a garbage collection does',
  example: 'pause: { process: A, for: 2s }',
  schema: z.strictObject({ process: processName, for: durationUs }),
  size: 'for',
  roles: EVERY_ROLE,
  processes: (settings) => [settings.process],
  durationUs: (settings) => settings.for,
  strike: (settings, context) => context.process(settings.process).pause(settings.for),
  effects: (settings) => [{ kind: 'stops', process: settings.process, forUs: settings.for }],
  describe: {
    en: (settings) => `pause ${settings.process} for ${formatUs(settings.for)}`,
    zh: (settings) => `${settings.process} 停顿 ${formatUs(settings.for)}`,
  },
  menu: {
    clientAtSend: ({ process, aroundLeaseUs }) => aroundLeaseUs.map((us) => ({ process, for: us })),
    clientAtReply: ({ process, besideLeaseUs }) => besideLeaseUs.map((us) => ({ process, for: us })),
    // One silent node of several; that the only node is silent, each client hears for itself.
    // With Sentinels it is replaced meanwhile, and does not know it when it goes on.
    nodeAtSend: ({ process, nodes, overLeaseUs, promotedUs, isSecond }) => {
      if (nodes.length > 1) return [{ process, for: overLeaseUs }]
      return promotedUs === 0 || isSecond ? [] : [{ process, for: promotedUs }]
    },
  },
  random: ({ client, lastingUs, record }) => record({ process: client, for: lastingUs }),
})
