/**
 * A step of the wall clock: NTP, an administrator, a resumed snapshot. The monotonic clock does not move.
 */
import { z } from 'zod'
import { formatUs } from '../sim/units.ts'
import { defineFault } from './fault.ts'
import { processName, signedDurationUs } from './settings.ts'

export const clockStep = defineFault({
  name: 'clock-step',
  summary: "moves a machine's wall clock",
  example: 'clock-step: { process: redis-1, by: +5s }',
  schema: z.strictObject({ process: processName, by: signedDurationUs }),
  roles: ['client', 'redis'],
  processes: (settings) => [settings.process],
  durationUs: () => 0,
  effects: (settings) => [{ kind: 'moves-clock', process: settings.process, clocks: 'wall' }],
  magnitude: 'by',
  menu: ({ at, process, nodes, overUs }) =>
    at === 'send'
      ? [process, ...nodes].flatMap((moved) => [overUs, -overUs].map((by) => ({ process: moved, by })))
      : [],
  random: ({ fc, machine, movedUs }) => fc.record({ process: machine, by: movedUs }),
  strike: (settings, context) => context.process(settings.process).clock.step(settings.by),
  describe: (settings) =>
    `${settings.process}'s clock steps ${settings.by < 0 ? 'back' : 'forward'} ${formatUs(Math.abs(settings.by))}`,
})
