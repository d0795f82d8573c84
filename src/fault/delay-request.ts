/**
 * A late request: one message takes longer, and everything behind it on the same connection waits, as in TCP.
 */
import * as z from 'zod'
import { formatUs } from '../sim/units.ts'
import { defineFault } from './fault.ts'
import { durationUs, processName } from './settings.ts'

export const delayRequest = defineFault({
  name: 'delay-request',
  summary: 'makes one request of a client arrive late',
  example: 'delay-request: { process: A, for: 2s }',
  schema: z.strictObject({ process: processName, for: durationUs }),
  size: 'for',
  roles: ['client'],
  processes: (settings) => [settings.process],
  durationUs: (settings) => settings.for,
  onMessage: (settings) => ({
    kind: 'delays-message',
    process: settings.process,
    direction: 'request',
    forUs: settings.for,
  }),
  describe: {
    en: (settings) => `a request of ${settings.process} is ${formatUs(settings.for)} late`,
    zh: (settings) => `${settings.process} 的一个请求晚到 ${formatUs(settings.for)}`,
  },
  menu: { clientAtSend: ({ process, besideLeaseUs }) => besideLeaseUs.map((us) => ({ process, for: us })) },
  random: ({ client, lastingUs, record }) => record({ process: client, for: lastingUs }),
})
