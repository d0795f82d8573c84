/**
 * A wall clock that is wrong by a fixed amount for as long as the storm lasts, then corrected.
 */
import * as z from 'zod'
import { formatUs } from '../sim/units.ts'
import { defineFault } from './fault.ts'
import { processName, signedDurationUs } from './settings.ts'

export const clockOffset = defineFault({
  name: 'clock-offset',
  summary: "sets a machine's wall clock ahead or behind until the storm is over",
  example: 'clock-offset: { process: A, by: -30s }',
  schema: z.strictObject({ process: processName, by: signedDurationUs }),
  size: 'by',
  roles: ['client', 'redis', 'sentinel'],
  processes: (settings) => [settings.process],
  durationUs: () => null,
  strike(settings, context) {
    const { clock } = context.process(settings.process)
    clock.step(settings.by)
    context.healAtEnd(() => clock.step(-settings.by))
  },
  effects: (settings) => [{ kind: 'moves-clock', process: settings.process, byUs: settings.by, isMendedAtEnd: true }],
  describe: {
    en: (settings) =>
      `${settings.process}'s clock is ${formatUs(Math.abs(settings.by))} ${settings.by < 0 ? 'behind' : 'ahead'}`,
    zh: (settings) => `${settings.process} 的时钟${settings.by < 0 ? '慢' : '快'}了 ${formatUs(Math.abs(settings.by))}`,
  },
  random: ({ machine, movedUs, record }) => record({ process: machine, by: movedUs }),
})
