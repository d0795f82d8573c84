/**
 * A lost reply: the server executes the command, then the connection is reset. The client cannot know whether its
 * command was applied; a driver that sends it again applies it twice.
 *
 * Source: redis/ioredis#61 (autoResendUnfulfilledCommands), redis-rb/redis-client#92.
 */
import { z } from 'zod'
import { CUT } from '../net/fate.ts'
import { defineFault } from './fault.ts'
import { processName } from './settings.ts'

export const loseReply = defineFault({
  name: 'lose-reply',
  summary: 'cuts the connection after the server executed a request of a client, before the reply',
  example: 'lose-reply: { process: A }',
  schema: z.strictObject({ process: processName }),
  roles: ['client'],
  processes: (settings) => [settings.process],
  durationUs: () => 0,
  effects: (settings) => [{ kind: 'loses-reply', client: settings.process }],
  menu: ({ at, process }) => (at === 'reply' ? [{ process }] : []),
  random: ({ fc, client }) => fc.record({ process: client }),
  onMessage: (settings) => ({ client: settings.process, direction: 'reply', fate: CUT }),
  describe: (settings) => `the reply to ${settings.process} is lost, its connection reset`,
})
