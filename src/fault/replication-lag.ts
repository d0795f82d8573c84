/**
 * Replication lag: what a server sends to another one arrives late, in order; the other way is open. A replica answers from what it has.
 */
import * as z from 'zod'
import { formatUs } from '../sim/units.ts'
import { defineFault } from './fault.ts'
import { durationUs, processName } from './settings.ts'

export const replicationLag = defineFault({
  name: 'replication-lag',
  summary: 'holds back what one server sends to another',
  example: 'replication-lag: { from: redis-1, to: redis-2, for: 2s }',
  schema: z.strictObject({ from: processName, to: processName, for: durationUs }),
  size: 'for',
  roles: ['redis'],
  needs: 'replicas',
  processes: (settings) => [settings.from, settings.to],
  durationUs: (settings) => settings.for,
  strike(settings, context) {
    const link = context.network.link(settings.from, settings.to)
    link.block()
    context.healAfter(settings.for, () => link.unblock())
  },
  effects: (settings) => [{ kind: 'cuts', from: [settings.from], to: [settings.to], forUs: settings.for }],
  describe: {
    en: (settings) => `${settings.to} gets what ${settings.from} sends ${formatUs(settings.for)} late`,
    zh: (settings) => `${settings.from} 发出的内容晚 ${formatUs(settings.for)} 才到 ${settings.to}`,
  },
  random: ({ promotions, lastingUs, record, constant, among }) =>
    among(promotions).chain(({ primary, replica }) =>
      record({ from: constant(primary), to: constant(replica), for: lastingUs }),
    ),
})
