/**
 * A Redis node that ends, is started again at once, and has much data: connections are accepted, but what needs data is refused with LOADING until
 * it has read all of it. Drivers that look whether a server is ready wait.
 *
 * Only in memory: a real server is loading while it starts, for real time, and cannot be told to be.
 *
 * Source: https://redis.io/docs/latest/commands/info/ (`loading`); `_readyCheck` of ioredis.
 */
import * as z from 'zod'
import { formatUs } from '../sim/units.ts'
import { defineFault } from './fault.ts'
import { answersError } from './refusing.ts'
import { durationUs, processName } from './settings.ts'

export const slowStart = defineFault({
  name: 'slow-start',
  summary: 'restarts a Redis node, which answers LOADING until it has read its data',
  example: 'slow-start: { process: redis-1, for: 500ms }',
  schema: z.strictObject({ process: processName, for: durationUs }),
  size: 'for',
  roles: ['redis'],
  needs: 'a Redis',
  processes: (settings) => [settings.process],
  durationUs: (settings) => settings.for,
  trouble: () => 'loading',
  strike(settings, context) {
    const process = context.process(settings.process)
    const setLoading = (isOn: boolean): void => context.suffer(process, { kind: 'state', state: 'loading', isOn })
    process.crash()
    context.restart(process, 'all')
    setLoading(true)
    context.healAfter(settings.for, () => setLoading(false))
  },
  effects: (settings) => [
    { kind: 'ends', process: settings.process, forUs: 0, isSilent: false },
    answersError(settings.process, 'loading', settings.for),
  ],
  describe: {
    en: (settings) => `${settings.process} restarts, and reads its data for ${formatUs(settings.for)}`,
    zh: (settings) => `${settings.process} 重启，用 ${formatUs(settings.for)} 读入数据`,
  },
  // Of several nodes the others go on.
  menu: {
    nodeAtSend: ({ process, nodes, overLeaseUs, isSecond }) =>
      isSecond || nodes.length > 1 ? [] : [{ process, for: overLeaseUs }],
  },
})
