/**
 * A late reply: one message takes longer, and everything behind it on the same connection waits, as in TCP.
 */
import * as z from 'zod'
import { formatUs } from '../sim/units.ts'
import { defineFault } from './fault.ts'
import { durationUs, processName } from './settings.ts'

export const delayReply = defineFault({
  name: 'delay-reply',
  summary: 'makes one reply to a client arrive late',
  example: 'delay-reply: { process: A, for: 2s }',
  schema: z.strictObject({ process: processName, for: durationUs }),
  size: 'for',
  roles: ['client'],
  processes: (settings) => [settings.process],
  durationUs: (settings) => settings.for,
  onMessage: (settings) => ({
    kind: 'delays-message',
    process: settings.process,
    direction: 'reply',
    forUs: settings.for,
  }),
  describe: {
    en: (settings) => `a reply to ${settings.process} is ${formatUs(settings.for)} late`,
    zh: (settings) => `发给 ${settings.process} 的一个响应晚到 ${formatUs(settings.for)}`,
  },
  menu: { clientAtReply: ({ process, besideLeaseUs }) => besideLeaseUs.map((us) => ({ process, for: us })) },
  random: ({ client, lastingUs, record }) => record({ process: client, for: lastingUs }),
})
