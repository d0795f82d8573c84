/**
 * A reset: every connection between two machines (or all of one) is cut at once; what is in flight is lost.
 */
import * as z from 'zod'
import { defineFault, EVERY_ROLE } from './fault.ts'
import { processName } from './settings.ts'

export const reset = defineFault({
  name: 'reset',
  summary: "cuts a process's connections, to one machine or to all",
  example: 'reset: { process: A, to: redis-1 }',
  schema: z.strictObject({ process: processName, to: processName.optional() }),
  roles: EVERY_ROLE,
  processes: (settings) => (settings.to === undefined ? [settings.process] : [settings.process, settings.to]),
  durationUs: () => 0,
  strike(settings, { network, process }) {
    for (const endpoint of network.endpointsOf(process(settings.process))) {
      if (settings.to === undefined || endpoint.link.to === settings.to) network.reset(endpoint)
    }
  },
  effects: (settings) => [{ kind: 'resets', process: settings.process, to: settings.to ?? null }],
  describe: {
    en: (settings) =>
      `${settings.process}'s connections${settings.to === undefined ? '' : ` to ${settings.to}`} are reset`,
    zh: (settings) => `${settings.process} ${settings.to === undefined ? '' : `到 ${settings.to} `}的连接被重置`,
  },
  menu: { clientAtSend: ({ process }) => [{ process }] },
  random: ({ client, record }) => record({ process: client }),
})
