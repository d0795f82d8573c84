/**
 * A process ends and starts again. A client begins its workload anew and knows nothing of its former life. A Redis node comes back with what it
 * had written to its files: that says its `persistence`, or where that is not said, `keep-data` (all or nothing; nothing). Until it is
 * back its machine refuses connections.
 *
 * The machine goes on: what a server has given to its operating system is not lost, whenever it is synced. See `half-open.ts`.
 */
import * as z from 'zod'
import { formatUs } from '../sim/units.ts'
import { forgotten } from './effect.ts'
import { defineFault, EVERY_ROLE } from './fault.ts'
import { durationUs, keptAfter, keptData, processName } from './settings.ts'

/** A node that is started again at once. */
const DOWN_US = 5_000

export const restart = defineFault({
  name: 'restart',
  summary: 'ends a process and starts it again',
  example: 'restart: { process: redis-1, after: 100ms, keep-data: false }',
  schema: z.strictObject({ process: processName, after: durationUs, 'keep-data': keptData }),
  size: 'after',
  roles: EVERY_ROLE,
  processes: (settings) => [settings.process],
  durationUs: (settings) => settings.after,
  strike(settings, context) {
    const process = context.process(settings.process)
    process.crash()
    context.healAfter(settings.after, () => context.restart(process, keptAfter(settings, 'written')))
  },
  effects: (settings) => [
    { kind: 'ends', process: settings.process, forUs: settings.after, isSilent: false },
    ...forgotten(settings, 'unwritten'),
  ],
  describe: {
    en: (settings) =>
      `${settings.process} restarts after ${formatUs(settings.after)}${settings['keep-data'] ? ' with its data' : ''}`,
    zh: (settings) =>
      `${settings.process} 在 ${formatUs(settings.after)} 之后重启${settings['keep-data'] ? '，数据还在' : ''}`,
  },
  menu: {
    nodeAtSend: ({ process, overLeaseUs, isSecond, hasDisk }) => [
      ...(hasDisk ? [undefined] : [false, true]).map((keep) => ({ process, after: DOWN_US, 'keep-data': keep })),
      ...(isSecond ? [] : [{ process, after: overLeaseUs, 'keep-data': hasDisk ? undefined : true }]),
    ],
  },
  random: ({ client, node, lastingUs, keepsData, record, oneOf, constant }) =>
    oneOf(
      record({ process: client, after: lastingUs, 'keep-data': constant(false) }),
      record({ process: node, after: lastingUs, 'keep-data': keepsData }),
    ),
})
