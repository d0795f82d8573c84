/**
 * Drift: a machine whose clocks, wall and monotonic, run too fast or too slow.
 */
import { z } from 'zod'
import { defineFault } from './fault.ts'
import { ppm, processName } from './settings.ts'

/** In hunts two clocks differ by the hundredth that Redlock allows for, at most: what is worse is broken hardware. */
const DRIFT_PPM = 5_000

export const clockRate = defineFault({
  name: 'clock-rate',
  summary: "makes a machine's clocks run fast or slow until the storm is over",
  example: 'clock-rate: { process: redis-1, ppm: 5000 }',
  schema: z.strictObject({ process: processName, ppm }),
  roles: ['client', 'redis'],
  processes: (settings) => [settings.process],
  durationUs: () => null,
  effects: (settings) => [{ kind: 'moves-clock', process: settings.process, clocks: 'both' }],
  menu: ({ at, clients, nodes }) =>
    at === 'start'
      ? [...clients, ...nodes].flatMap((process) => [DRIFT_PPM, -DRIFT_PPM].map((rate) => ({ process, ppm: rate })))
      : [],
  random: ({ fc, machine }) =>
    fc.record({ process: machine, ppm: fc.constantFrom(-DRIFT_PPM, -DRIFT_PPM / 10, DRIFT_PPM / 10, DRIFT_PPM) }),
  strike(settings, context) {
    const { clock } = context.process(settings.process)
    clock.setRate(context.world.nowUs, settings.ppm)
    context.healAtEnd(() => clock.setRate(context.world.nowUs, 0))
  },
  describe: (settings) =>
    `${settings.process}'s clocks run ${Math.abs(settings.ppm)} ppm ${settings.ppm < 0 ? 'slow' : 'fast'}`,
})
