/**
 * A machine that loses power: its peers are not told. Their connections look open, what they send gets no answer until it
 * is back, and then a reset, because the new kernel knows nothing of them. A Redis node has what had reached its disk.
 */
import * as z from 'zod'
import { formatUs } from '../sim/units.ts'
import { forgotten } from './effect.ts'
import { defineFault, EVERY_ROLE } from './fault.ts'
import { durationUs, keptAfter, keptData, processName } from './settings.ts'

/** A machine that has power again at once. */
const DOWN_US = 5_000

export const halfOpen = defineFault({
  name: 'half-open',
  summary: 'takes the power from a Redis node: its peers notice only when it is back',
  example: 'half-open: { process: redis-1, for: 2s, keep-data: false }',
  schema: z.strictObject({ process: processName, for: durationUs, 'keep-data': keptData }),
  size: 'for',
  roles: EVERY_ROLE,
  processes: (settings) => [settings.process],
  durationUs: (settings) => settings.for,
  strike(settings, context) {
    const process = context.process(settings.process)
    const links = [...context.world.processes.keys()]
      .filter((name) => name !== settings.process)
      .flatMap((name) => [context.network.link(name, settings.process), context.network.link(settings.process, name)])
    for (const link of links) link.block()
    process.crash('power lost')
    context.healAfter(settings.for, () => {
      context.restart(process, keptAfter(settings, 'synced'))
      for (const link of links) link.unblock()
    })
  },
  effects: (settings) => [
    { kind: 'ends', process: settings.process, forUs: settings.for, isSilent: true },
    ...forgotten(settings, 'unsynced'),
  ],
  describe: {
    en: (settings) => `${settings.process} loses power for ${formatUs(settings.for)}`,
    zh: (settings) => `${settings.process} 断电 ${formatUs(settings.for)}`,
  },
  menu: { nodeAtSend: ({ process, hasDisk }) => (hasDisk ? [{ process, for: DOWN_US }] : []) },
  random: ({ node, lastingUs, keepsData, record }) => record({ process: node, for: lastingUs, 'keep-data': keepsData }),
})
