/**
 * redis-py's release: the token is forgotten before Redis has answered. When the command fails the application tries once
 * more, and the object says that it owns nothing.
 */
import { defineLock, type Lease } from 'lockstorm'
import { giveBack, take } from './parts.ts'

const tokens = new WeakMap<Lease, string>()

async function takeAndRemember(context: Parameters<typeof take>[0]): Promise<Lease | null> {
  const lease = await take(context)
  if (lease !== null) tokens.set(lease, lease.token)
  return lease
}

export const clearsTokenFirst = defineLock({
  name: 'clears-token-first',
  title: "model of redis-py's release",
  commands: 'SET k token PX ttl NX; forget token; EVAL "if get == token then del"; on an error again',
  acquire: takeAndRemember,
  async release(context, lease) {
    const once = async (): Promise<boolean> => {
      const token = tokens.get(lease)
      tokens.delete(lease)
      return token !== undefined && giveBack(context, { token })
    }
    return once().catch(once)
  },
})

export const forgetsTokenLast = defineLock({
  ...clearsTokenFirst,
  name: 'forgets-token-last',
  title: 'the same, forgetting the token after the reply',
  async release(context, lease) {
    const once = async (): Promise<boolean> => {
      const isMine = await giveBack(context, { token: tokens.get(lease) ?? '' })
      tokens.delete(lease)
      return isMine
    }
    return once().catch(once)
  },
})
