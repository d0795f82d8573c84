/**
 * A lost reply: the server executes the command, then the connection is reset. The client cannot know whether its
 * command was applied; a driver that sends it again applies it twice.
 *
 * Source: redis/ioredis#61 (autoResendUnfulfilledCommands), redis-rb/redis-client#92.
 */
import * as z from 'zod'
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
  onMessage: (settings) => ({ kind: 'loses-message', process: settings.process, direction: 'reply' }),
  describe: {
    en: (settings) => `the reply to ${settings.process} is lost, its connection reset`,
    zh: (settings) => `发给 ${settings.process} 的响应丢失，连接重置`,
  },
  menu: { clientAtReply: ({ process }) => [{ process }] },
  random: ({ client, record }) => record({ process: client }),
})
