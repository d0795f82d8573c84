/**
 * CLUSTER FAILOVER: a replica of a Cluster takes the place of its primary because an operator says so. `agreed`: the primary takes no writes
 * until its replica has everything, nothing is lost; `forced`: it is not asked, and the other primaries vote; `takeover`: no node is
 * asked, and what the replica had not got is lost.
 *
 * Source: https://redis.io/docs/latest/commands/cluster-failover/
 */
import * as z from 'zod'
import { FAILOVER_MODES } from '../server/server.ts'
import { defineFault } from './fault.ts'
import { processName } from './settings.ts'

const HOW = {
  agreed: 'takes the place of its primary',
  forced: 'takes the place of its primary without asking it',
  takeover: 'takes the place of its primary without asking any node',
} as const

const HOW_ZH = {
  agreed: '取代它的主库',
  forced: '不经主库同意就取代它的主库',
  takeover: '不经任何节点同意就取代它的主库',
} as const

/** What a hunt tries: one that loses nothing, and one that may. */
const TRIED = ['agreed', 'takeover'] as const

export const manualFailover = defineFault({
  name: 'manual-failover',
  summary: 'has a replica of a Cluster take the place of its primary',
  example: 'manual-failover: { process: redis-4, how: takeover }',
  schema: z.strictObject({ process: processName, how: z.enum(FAILOVER_MODES).default('agreed') }),
  roles: ['redis'],
  needs: 'a cluster',
  processes: (settings) => [settings.process],
  durationUs: () => 0,
  strike: ({ process, how }, context) => context.clusterFailover(context.process(process), how),
  effects: (settings) => [{ kind: 'promotes', process: settings.process, afterUs: 0, forUs: 0 }],
  describe: {
    en: ({ process, how }) => `${process} ${HOW[how]}`,
    zh: ({ process, how }) => `${process} ${HOW_ZH[how]}`,
  },
  menu: {
    nodeAtSend: ({ clusterReplicas: [process], isSecond }) =>
      process === undefined || isSecond ? [] : TRIED.map((how) => ({ process, how })),
  },
  random: ({ promotions, record, among }) =>
    record({ process: among(promotions.map(({ replica }) => replica)), how: among(FAILOVER_MODES) }),
})
