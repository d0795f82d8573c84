/**
 * A right that was taken from the user of the clients: the node answers commands of one category with NOPERM until its operator gives
 * the right back. Open connections stay, and everything else works.
 *
 * Models          ACL SETUSER default -@category, as when a server is hardened, or moves to a provider that allows less.
 * Does not model  rights to keys and channels; a user of each client's own. Hunts do not try it: what it refuses, READONLY and BUSY do.
 *
 * Source: https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/
 */
import * as z from 'zod'
import { RIGHTS } from '../server/trouble.ts'
import { expectedGot } from '../sim/shown.ts'
import { formatUs } from '../sim/units.ts'
import { defineFault } from './fault.ts'
import { durationUs, processName } from './settings.ts'

export const missingRight = defineFault({
  name: 'missing-right',
  summary: 'takes the right to a category of commands from the clients of a Redis node (NOPERM) for a while',
  example: 'missing-right: { process: redis-1, right: scripting, for: 500ms }',
  schema: z.strictObject({
    process: processName,
    right: z.enum(RIGHTS, { error: ({ input }) => expectedGot(`a right: ${RIGHTS.join(', ')}`, input) }),
    for: durationUs,
  }),
  size: 'for',
  roles: ['redis'],
  needs: 'a Redis',
  processes: (settings) => [settings.process],
  durationUs: (settings) => settings.for,
  trouble: () => 'right',
  strike({ process, right, for: forUs }, context) {
    const node = context.process(process)
    context.suffer(node, { kind: 'right', right, isTaken: true })
    context.healAfter(forUs, () => context.suffer(node, { kind: 'right', right, isTaken: false }))
  },
  effects: (settings) => [
    { kind: 'answers-error', process: settings.process, code: 'NOPERM', commands: 'some', forUs: settings.for },
  ],
  describe: {
    en: ({ process, right, for: forUs }) => `${process} forbids its clients @${right} for ${formatUs(forUs)} (NOPERM)`,
    zh: ({ process, right, for: forUs }) => `${process} 在 ${formatUs(forUs)} 里禁止客户端使用 @${right}（NOPERM）`,
  },
})
