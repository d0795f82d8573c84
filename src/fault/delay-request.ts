/**
 * A late request: one message takes longer, and everything behind it on the same connection waits, as in TCP.
 */
import { z } from 'zod'
import { late } from '../net/fate.ts'
import { formatUs } from '../sim/units.ts'
import { defineFault } from './fault.ts'
import { durationUs, processName } from './settings.ts'

export const delayRequest = defineFault({
  name: 'delay-request',
  summary: 'makes one request of a client arrive late',
  example: 'delay-request: { process: A, for: 2s }',
  schema: z.strictObject({ process: processName, for: durationUs }),
  roles: ['client'],
  processes: (settings) => [settings.process],
  durationUs: (settings) => settings.for,
  effects: (settings) => [{ kind: 'delays', client: settings.process, direction: 'request' }],
  magnitude: 'for',
  menu: ({ at, process, isSecond, underUs, overUs }) =>
    at === 'send' ? (isSecond ? [overUs] : [underUs, overUs]).map((us) => ({ process, for: us })) : [],
  random: ({ fc, client, lastingUs }) => fc.record({ process: client, for: lastingUs }),
  onMessage: (settings) => ({ client: settings.process, direction: 'request', fate: late(settings.for) }),
  describe: (settings) => `a request of ${settings.process} is ${formatUs(settings.for)} late`,
})
