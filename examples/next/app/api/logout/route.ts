import { destroySession, getSession } from '@/lib/session'

export async function POST(request: Request): Promise<Response> {
  const session = await getSession(request)
  if (session === null) return Response.json(null, { status: 401 })
  return Response.json(null, { headers: { 'set-cookie': await destroySession(session) } })
}
