/**
 * The real node-redis (@redis/client 6) below the plain SET NX and Lua lock. Each client opens one connection of its own at
 * its first attempt.
 */
import { defineLock, type LockContext } from 'lockstorm'
import { createClient } from 'redis'
import { COMPARE_AND_DELETE, sleep } from './parts.ts'

const TIMEOUT_MS = 100

/** One connection for each client of the world. */
function connections() {
  const own = new WeakMap<object, Promise<{ sendCommand(args: string[]): Promise<unknown> }>>()
  return (context: LockContext) => {
    let connected = own.get(context.redis)
    if (connected === undefined) {
      const client = createClient({
        socket: { host: 'redis-1' },
        disableClientInfo: true,
        // Otherwise it looks the host up in the real DNS before it says HELLO.
        maintNotifications: 'disabled',
        commandOptions: { timeout: TIMEOUT_MS },
      })
      client.on('error', () => {})
      connected = client.connect().then(() => client as never)
      own.set(context.redis, connected)
    }
    return connected
  }
}

function lockOver(
  name: string,
  title: string,
  within: (attempt: Promise<unknown>) => Promise<unknown>,
  options: { readonly takesBack: boolean },
) {
  const connection = connections()
  const free = async (context: LockContext, token: string): Promise<boolean> => {
    const client = await connection(context)
    return (await client.sendCommand(['EVAL', COMPARE_AND_DELETE, '1', context.key, token])) === 1
  }
  return defineLock({
    name,
    title,
    commands: 'SET k token PX ttl NX; EVAL "if get == token then del"',
    async acquire(context) {
      const { key, token, ttlMs } = context
      const client = await connection(context)
      try {
        const reply = await within(client.sendCommand(['SET', key, token, 'PX', String(ttlMs), 'NX']))
        return reply === 'OK' ? { token } : null
      } catch (error) {
        if (options.takesBack) await free(context, token)
        throw error
      }
    },
    release: (context, lease) => free(context, lease.token as string),
  })
}

export const plain = lockOver('node-redis', 'node-redis with a timeout of 100 ms', (attempt) => attempt, {
  takesBack: false,
})

export const careful = lockOver(
  'node-redis-careful',
  'the same with a time limit of its own, releasing what it may have taken',
  (attempt) =>
    Promise.race([
      attempt,
      sleep(TIMEOUT_MS).then(() => {
        throw new Error('no reply in time')
      }),
    ]),
  { takesBack: true },
)
