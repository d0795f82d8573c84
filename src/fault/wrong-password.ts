/**
 * A password that was changed before the clients knew: the node cuts the connections it has, and answers what comes on new
 * ones with NOAUTH, until its operator takes the password back.
 *
 * Models          CONFIG SET requirepass and CLIENT KILL, as when a secret is rotated or a server is restarted with another one.
 * Does not model  connections that stay because they had logged in before: they would notice nothing.
 *
 * Source: https://redis.io/docs/latest/operate/oss_and_stack/management/security/#authentication
 */
import * as z from 'zod'
import { formatUs } from '../sim/units.ts'
import { defineFault } from './fault.ts'
import { answersError, long } from './refusing.ts'
import { durationUs, processName } from './settings.ts'

export const wrongPassword = defineFault({
  name: 'wrong-password',
  summary: 'makes a Redis node cut its clients and want a password that they do not have (NOAUTH) for a while',
  example: 'wrong-password: { process: redis-1, for: 500ms }',
  schema: z.strictObject({ process: processName, for: durationUs }),
  size: 'for',
  roles: ['redis'],
  needs: 'a Redis',
  processes: (settings) => [settings.process],
  durationUs: (settings) => settings.for,
  trouble: () => 'no-auth',
  strike(settings, context) {
    const node = context.process(settings.process)
    context.suffer(node, { kind: 'state', state: 'no-auth', isOn: true })
    for (const endpoint of context.network.endpointsOf(node)) context.network.reset(endpoint)
    context.healAfter(settings.for, () => context.suffer(node, { kind: 'state', state: 'no-auth', isOn: false }))
  },
  effects: (settings) => [
    answersError(settings.process, 'no-auth', settings.for),
    { kind: 'resets', process: settings.process, to: null },
  ],
  describe: {
    en: (settings) => `${settings.process} wants another password for ${formatUs(settings.for)}`,
    zh: (settings) => `${settings.process} 在 ${formatUs(settings.for)} 里要求另一个密码`,
  },
  // Beside another fault it is a reset and a server that refuses all, which are tried.
  menu: { nodeAtSend: (place) => (place.isSecond ? [] : long(place)) },
})
