/**
 * A replica is promoted although the primary lives. New connections lead to the new primary; clients that are connected to the former one
 * stay there, and it takes their writes, until it is told to follow the other one: then they are cut, and what it took is lost.
 *
 * Source: https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/ ("Example 2": a partitioned primary takes writes)
 */
import * as z from 'zod'
import { formatUs } from '../sim/units.ts'
import { defineFault } from './fault.ts'
import { durationUs, processName } from './settings.ts'

export const promote = defineFault({
  name: 'promote',
  summary: 'promotes a replica while the primary lives and takes writes, for a while',
  example: 'promote: { process: redis-2, for: 10s }',
  schema: z.strictObject({ process: processName, for: durationUs }),
  size: 'for',
  roles: ['redis'],
  needs: 'an operator',
  processes: (settings) => [settings.process],
  durationUs: (settings) => settings.for,
  strike(settings, context) {
    const process = context.process(settings.process)
    const former = context.primaryOf(process)
    if (former === null || former === process || process.isCrashed) return
    context.promote(process)
    context.healAfter(settings.for, () => context.demote(former))
  },
  effects: (settings) => [{ kind: 'promotes', process: settings.process, afterUs: 0, forUs: settings.for }],
  describe: {
    en: (settings) =>
      `${settings.process} is promoted, and the former primary hears of it ${formatUs(settings.for)} later`,
    zh: (settings) => `${settings.process} 被提升，原主库 ${formatUs(settings.for)} 之后才得知`,
  },
  menu: {
    nodeAtSend: ({ replicas: [process], overLeaseUs, isSecond }) =>
      process === undefined || isSecond ? [] : [{ process, for: overLeaseUs }],
  },
  random: ({ promotions, lastingUs, record, among }) =>
    record({ process: among(promotions.map(({ replica }) => replica)), for: lastingUs }),
})
