/**
 * SENTINEL FAILOVER, as an operator says it for maintenance: a Sentinel promotes a replica although the primary lives and nobody misses it.
 * No other Sentinel is asked. Nothing tells the former primary, nor its clients, for some eleven seconds.
 *
 * Source: https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/#sentinel-commands
 */
import * as z from 'zod'
import { defineFault } from './fault.ts'
import { processName } from './settings.ts'

export const sentinelFailover = defineFault({
  name: 'sentinel-failover',
  summary: 'tells a Sentinel to promote a replica while the primary lives and takes writes',
  example: 'sentinel-failover: { process: sentinel-1 }',
  schema: z.strictObject({ process: processName }),
  roles: ['sentinel'],
  needs: 'sentinels',
  processes: (settings) => [settings.process],
  durationUs: () => 0,
  strike: (settings, context) => context.failOver(context.process(settings.process)),
  effects: (settings) => [{ kind: 'has-promoted', process: settings.process }],
  describe: {
    en: (settings) => `${settings.process} is told to promote a replica`,
    zh: (settings) => `${settings.process} 得到提升从库的指令`,
  },
  menu: {
    nodeAtSend: ({ sentinels: [process], isSecond }) => (process === undefined || isSecond ? [] : [{ process }]),
  },
  random: ({ sentinels, record, among }) => record({ process: among(sentinels) }),
})
