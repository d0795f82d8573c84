/**
 * Resharding: the slot of a key moves from its primary to another one of a Cluster, as `redis-cli --cluster reshard` does it.
 *
 *   strikes                     half of the time                 the end
 *   IMPORTING, MIGRATING  ───►  the slot's keys move       ───►  SETSLOT NODE
 *   a key that is missing:      each key: ASK                    each key: MOVED
 *   ASK; one of two: TRYAGAIN
 *
 * Does not model  that a primary serves no other client while it sends a key.
 *
 * Source: https://redis.io/docs/latest/commands/cluster-setslot/#redis-cluster-live-resharding-explained
 */
import * as z from 'zod'
import { formatUs } from '../sim/units.ts'
import { defineFault } from './fault.ts'
import { durationUs, keyName, processName } from './settings.ts'

export const migrateSlot = defineFault({
  name: 'migrate-slot',
  summary:
    "moves the slot of one key (the lock's or the session's, unless another is named) to another primary of a Cluster",
  example: 'migrate-slot: { to: redis-2, for: 500ms }',
  schema: z.strictObject({ to: processName, for: durationUs, key: keyName.optional() }),
  size: 'for',
  roles: ['redis'],
  needs: 'a cluster',
  processes: (settings) => [settings.to],
  durationUs: (settings) => settings.for,
  strike({ to, for: forUs, key }, context) {
    const move = context.moveSlot(key ?? context.watchedKey, context.process(to))
    const { world } = context
    move.advance('open')
    world.schedule(world.nowUs + Math.floor(forUs / 2), null, 'timer', () => move.advance('keys'))
    context.healAfter(forUs, () => move.advance('closed'))
  },
  effects: (settings) => [{ kind: 'moves-slot', process: settings.to, forUs: settings.for }],
  describe: {
    en: ({ to, for: forUs, key }) => `the slot of ${keyWords(key, 'the key')} moves to ${to} within ${formatUs(forUs)}`,
    zh: ({ to, for: forUs, key }) => `${keyWords(key, '键')} 所在的槽在 ${formatUs(forUs)} 内迁移到 ${to}`,
  },
  menu: {
    nodeAtSend: ({ process, clusterPeers, overLeaseUs, isSecond }) =>
      clusterPeers.length === 0 || isSecond ? [] : [{ to: process, for: overLeaseUs }],
  },
  random: ({ promotions, lastingUs, record, among }) =>
    record({ to: among(promotions.map(({ primary }) => primary)), for: lastingUs }),
})

const keyWords = (key: string | undefined, unnamed: string): string => (key === undefined ? unnamed : `"${key}"`)
