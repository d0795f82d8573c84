/**
 * A crash and a new start. A client begins its workload anew and knows nothing of its former life; a Redis node comes
 * back with or without its data (`keep-data`: every write was on disk). Until it is back its machine refuses connections.
 */
import { z } from 'zod'
import { formatUs } from '../sim/units.ts'
import { forgotten } from './effect.ts'
import { defineFault, EVERY_ROLE } from './fault.ts'
import { durationUs, processName } from './settings.ts'

/** A node that is started again at once. */
const DOWN_US = 5_000

export const restart = defineFault({
  name: 'restart',
  summary: 'ends a process and starts it again',
  example: 'restart: { process: redis-1, after: 100ms, keep-data: false }',
  schema: z.strictObject({ process: processName, after: durationUs, 'keep-data': z.boolean().default(false) }),
  size: 'after',
  roles: EVERY_ROLE,
  processes: (settings) => [settings.process],
  durationUs: (settings) => settings.after,
  strike(settings, context) {
    const process = context.process(settings.process)
    process.crash()
    context.healAfter(settings.after, () => context.restart(process, { keepData: settings['keep-data'] }))
  },
  effects: (settings) => [
    { kind: 'ends', process: settings.process, forUs: settings.after, isSilent: false },
    ...forgotten(settings.process, settings['keep-data']),
  ],
  describe: (settings) =>
    `${settings.process} restarts after ${formatUs(settings.after)}${settings['keep-data'] ? ' with its data' : ''}`,
  menu: {
    nodeAtSend: ({ process, overLeaseUs, isSecond }) => [
      ...[false, true].map((keep) => ({ process, after: DOWN_US, 'keep-data': keep })),
      ...(isSecond ? [] : [{ process, after: overLeaseUs, 'keep-data': true }]),
    ],
  },
  random: ({ client, node, lastingUs, keepsData, record, oneOf, constant }) =>
    oneOf(
      record({ process: client, after: lastingUs, 'keep-data': constant(false) }),
      record({ process: node, after: lastingUs, 'keep-data': keepsData }),
    ),
})
