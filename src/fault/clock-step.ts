/**
 * A step of the wall clock: NTP, an administrator, a resumed snapshot. The monotonic clock does not move.
 */
import * as z from 'zod'
import { formatUs } from '../sim/units.ts'
import { defineFault } from './fault.ts'
import type { MenuPlace } from './menu-place.ts'
import { processName, signedDurationUs } from './settings.ts'

const bothWays = ({ process, overLeaseUs }: MenuPlace) => [overLeaseUs, -overLeaseUs].map((by) => ({ process, by }))

export const clockStep = defineFault({
  name: 'clock-step',
  summary: "moves a machine's wall clock",
  example: 'clock-step: { process: redis-1, by: +5s }',
  schema: z.strictObject({ process: processName, by: signedDurationUs }),
  size: 'by',
  roles: ['client', 'redis', 'sentinel'],
  processes: (settings) => [settings.process],
  durationUs: () => 0,
  strike: (settings, context) => context.process(settings.process).clock.step(settings.by),
  effects: (settings) => [{ kind: 'moves-clock', process: settings.process, byUs: settings.by, isMendedAtEnd: false }],
  describe: {
    en: (settings) =>
      `${settings.process}'s clock steps ${settings.by < 0 ? 'back' : 'forward'} ${formatUs(Math.abs(settings.by))}`,
    zh: (settings) =>
      `${settings.process} 的时钟${settings.by < 0 ? '往回' : '向前'}跳 ${formatUs(Math.abs(settings.by))}`,
  },
  menu: { clientAtSend: bothWays, nodeAtSend: bothWays },
  random: ({ machine, movedUs, record }) => record({ process: machine, by: movedUs }),
})
