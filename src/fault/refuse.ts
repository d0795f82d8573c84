/**
 * A machine that refuses new connections for a while; those that are open stay open.
 *
 * Models          what clients of TLS meet while the server's certificate is one that they do not accept, too: ioredis 5 and node-redis 6 treat a
 *                 failed handshake as a refused connection, with the same pauses and the same errors for commands.
 * Does not model  the error of that handshake (`DEPTH_ZERO_SELF_SIGNED_CERT`): in a world no connection has certificates.
 */
import * as z from 'zod'
import { formatUs } from '../sim/units.ts'
import { defineFault } from './fault.ts'
import { durationUs, processName } from './settings.ts'

export const refuse = defineFault({
  name: 'refuse',
  summary: 'makes a machine refuse new connections for a while',
  example: 'refuse: { process: redis-1, for: 500ms }',
  schema: z.strictObject({ process: processName, for: durationUs }),
  size: 'for',
  roles: ['redis', 'sentinel', 'storage'],
  processes: (settings) => [settings.process],
  durationUs: (settings) => settings.for,
  strike(settings, context) {
    context.network.setRefusing(settings.process, true)
    context.healAfter(settings.for, () => context.network.setRefusing(settings.process, false))
  },
  effects: (settings) => [{ kind: 'refuses', process: settings.process, forUs: settings.for }],
  describe: {
    en: (settings) => `${settings.process} refuses connections for ${formatUs(settings.for)}`,
    zh: (settings) => `${settings.process} 在 ${formatUs(settings.for)} 里拒绝连接`,
  },
})
