import { redis } from '@/lib/redis'

export interface Session {
  id: string
  user: string
  items: string[]
}

const COOKIE = 'session'
const TTL_S = 30 * 60

/** The session of a request; null: nobody is logged in. */
export async function getSession(request: Request): Promise<Session | null> {
  const id = new RegExp(`(?:^|; )${COOKIE}=([\\w-]+)`).exec(request.headers.get('cookie') ?? '')?.[1]
  const text = id === undefined ? null : await redis.get(`session:${id}`)
  return text === null ? null : JSON.parse(text)
}

/** Stores a new session, and gives the Set-Cookie header for it. */
export async function createSession(user: string): Promise<string> {
  const session: Session = { id: crypto.randomUUID(), user, items: [] }
  await redis.set(`session:${session.id}`, JSON.stringify(session), 'EX', TTL_S)
  return `${COOKIE}=${session.id}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${TTL_S}`
}

/** Stores it again, unless there has been a logout meanwhile: then it is false. */
export async function saveSession(session: Session): Promise<boolean> {
  return (await redis.set(`session:${session.id}`, JSON.stringify(session), 'EX', TTL_S, 'XX')) === 'OK'
}

export async function destroySession({ id }: Session): Promise<string> {
  await redis.del(`session:${id}`)
  return `${COOKIE}=; Path=/; Max-Age=0`
}
