/**
 * Drift: a machine whose clocks, wall and monotonic, run too fast or too slow.
 */
import * as z from 'zod'
import { defineFault } from './fault.ts'
import type { MenuPlace } from './menu-place.ts'
import { ppm, processName } from './settings.ts'

/** Two clocks that are wrong by this much, one fast and one slow, differ by the hundredth that Redlock allows for. */
const DRIFT_PPM = 5_000

const bothWays = ({ process }: MenuPlace) => [DRIFT_PPM, -DRIFT_PPM].map((ppm) => ({ process, ppm }))

export const clockRate = defineFault({
  name: 'clock-rate',
  summary: "makes a machine's clocks run fast or slow until the storm is over",
  example: 'clock-rate: { process: redis-1, ppm: 5000 }',
  schema: z.strictObject({ process: processName, ppm }),
  roles: ['client', 'redis', 'sentinel'],
  processes: (settings) => [settings.process],
  durationUs: () => null,
  strike(settings, context) {
    const { clock } = context.process(settings.process)
    clock.setRate(context.world.nowUs, settings.ppm)
    context.healAtEnd(() => clock.setRate(context.world.nowUs, 0))
  },
  effects: (settings) => [{ kind: 'changes-rate', process: settings.process, ppm: settings.ppm }],
  describe: {
    en: (settings) =>
      `${settings.process}'s clocks run ${Math.abs(settings.ppm)} ppm ${settings.ppm < 0 ? 'slow' : 'fast'}`,
    zh: (settings) => `${settings.process} 的各个时钟走${settings.ppm < 0 ? '慢' : '快'} ${Math.abs(settings.ppm)} ppm`,
  },
  menu: { clientAtStart: bothWays, nodeAtStart: bothWays },
  random: (draws) => draws.record({ process: draws.machine, ppm: draws.ppm }),
})
