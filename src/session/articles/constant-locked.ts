/**
 * S2, an article on distributed sessions: the session is read, changed and stored under the lock of S1, which lets
 * every client in. What it guards is as unguarded as without it, and costs three more commands.
 */
import { sleepMs } from '../../lock/articles/waiting.ts'
import { defineSessionStore, type SessionContext, type SessionFields, sessionKey } from '../session-store.ts'

const VALUE = 'value'
const LOCK_SECONDS = 10
const POLL_MS = 1000
const lockKey = (id: string): string => `${sessionKey(id)}:lock`

async function lock({ redis }: SessionContext, id: string): Promise<void> {
  await redis.set(lockKey(id), VALUE, 'EX', LOCK_SECONDS)
  while ((await redis.get(lockKey(id))) !== VALUE) await sleepMs(POLL_MS)
}

const unlock = async ({ redis }: SessionContext, id: string): Promise<void> => {
  await redis.del(lockKey(id))
}

export const constantLocked = defineSessionStore({
  name: 'constant-locked',
  title: 'S2: GET, change, SET under the lock of S1',
  commands: 'SET lock value EX 10; GET lock == value; GET data; SET data; DEL lock',
  async load(context, id) {
    await lock(context, id)
    const json = await context.redis.get(sessionKey(id))
    if (json !== null) return { fields: JSON.parse(json) as SessionFields }
    await unlock(context, id)
    return null
  },
  async save(context, id, fields, loaded) {
    await context.redis.set(sessionKey(id), JSON.stringify(fields))
    if (loaded !== null) await unlock(context, id)
    return true
  },
  async destroy(context, id) {
    await lock(context, id)
    await context.redis.del(sessionKey(id))
    await unlock(context, id)
  },
  close: unlock,
})
