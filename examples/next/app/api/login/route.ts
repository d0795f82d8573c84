import { createSession } from '@/lib/session'

export async function POST(request: Request): Promise<Response> {
  const { user } = (await request.json()) as { user: string }
  return Response.json({ user, items: [] }, { headers: { 'set-cookie': await createSession(user) } })
}
