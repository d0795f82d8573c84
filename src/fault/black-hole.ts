/**
 * A black hole in one direction: what one machine sends to another is held (TCP sends it again) and arrives when the
 * way is open again. No reset, no error: silence.
 */
import * as z from 'zod'
import { formatUs } from '../sim/units.ts'
import { defineFault, EVERY_ROLE } from './fault.ts'
import { durationUs, processName } from './settings.ts'

export const blackHole = defineFault({
  name: 'black-hole',
  summary: 'holds everything that one machine sends to another, one way',
  example: 'black-hole: { from: redis-1, to: A, for: 2s }',
  schema: z.strictObject({ from: processName, to: processName, for: durationUs }),
  size: 'for',
  roles: EVERY_ROLE,
  processes: (settings) => [settings.from, settings.to],
  durationUs: (settings) => settings.for,
  strike(settings, context) {
    const link = context.network.link(settings.from, settings.to)
    link.block()
    context.healAfter(settings.for, () => link.unblock())
  },
  effects: (settings) => [{ kind: 'cuts', from: [settings.from], to: [settings.to], forUs: settings.for }],
  describe: {
    en: (settings) => `nothing gets from ${settings.from} to ${settings.to} for ${formatUs(settings.for)}`,
    zh: (settings) => `${settings.from} 发往 ${settings.to} 的内容在 ${formatUs(settings.for)} 里都到不了`,
  },
  random: ({ client, node, lastingUs, record, oneOf }) =>
    oneOf(record({ from: client, to: node, for: lastingUs }), record({ from: node, to: client, for: lastingUs })),
})
