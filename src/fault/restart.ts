/**
 * A crash and a new start. A client begins its workload anew and knows nothing of its former life; a Redis node comes
 * back with or without its data (`keep-data`: every write was on disk).
 */
import { z } from 'zod'
import { formatUs } from '../sim/units.ts'
import { defineFault, EVERY_ROLE } from './fault.ts'
import { durationUs, processName } from './settings.ts'

/** In the menu of hunts: a server that is started again at once. */
const DOWN_US = 5_000

export const restart = defineFault({
  name: 'restart',
  summary: 'ends a process and starts it again',
  example: 'restart: { process: redis-1, after: 100ms, keep-data: false }',
  schema: z.strictObject({ process: processName, after: durationUs, 'keep-data': z.boolean().default(false) }),
  roles: EVERY_ROLE,
  processes: (settings) => [settings.process],
  durationUs: (settings) => settings.after,
  effects: (settings) => [
    { kind: 'ends', process: settings.process, comesBack: true, isSilent: false },
    ...(settings['keep-data'] ? [] : [{ kind: 'loses-data', node: settings.process, what: 'keys' } as const]),
  ],
  magnitude: 'after',
  menu: ({ at, nodes, isLossy }) =>
    at === 'send'
      ? nodes.flatMap((process) =>
          (isLossy ? [false, true] : [true]).map((isKept) => ({ process, after: DOWN_US, 'keep-data': isKept })),
        )
      : [],
  random: ({ fc, client, node, lastingUs, isDataKept }) =>
    fc.oneof(
      fc.record({ process: client, after: lastingUs, 'keep-data': fc.constant(false) }),
      fc.record({ process: node, after: lastingUs, 'keep-data': isDataKept }),
    ),
  strike(settings, context) {
    const process = context.process(settings.process)
    process.crash()
    context.healAfter(settings.after, () => context.restart(process, { keepData: settings['keep-data'] }))
  },
  describe: (settings) =>
    `${settings.process} restarts after ${formatUs(settings.after)}${settings['keep-data'] ? ' with its data' : ''}`,
})
