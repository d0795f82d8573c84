import { getSession, type Session, saveSession } from '@/lib/session'
import { giveBack, reserve } from '@/lib/stock'

const loggedOut = (): Response => Response.json(null, { status: 401 })
const cartOf = ({ user, items }: Session): Response => Response.json({ user, items })

export async function GET(request: Request): Promise<Response> {
  const session = await getSession(request)
  return session === null ? loggedOut() : cartOf(session)
}

export async function PUT(request: Request): Promise<Response> {
  const session = await getSession(request)
  if (session === null) return loggedOut()
  const { item } = (await request.json()) as { item: string }
  if (!(await reserve(item))) return Response.json({ error: 'sold out' }, { status: 409 })
  session.items = [...new Set([...session.items, item])]
  return (await saveSession(session)) ? cartOf(session) : loggedOut()
}

export async function DELETE(request: Request): Promise<Response> {
  const session = await getSession(request)
  if (session === null) return loggedOut()
  const { item } = (await request.json()) as { item: string }
  await giveBack(item)
  session.items = session.items.filter((each) => each !== item)
  return (await saveSession(session)) ? cartOf(session) : loggedOut()
}
