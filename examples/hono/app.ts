import { Hono } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { changeSession, createSession, endSession } from './sessions.ts'

const COOKIE = 'sid'

/** The shop. `stock` knows what is in the warehouse. */
export function createApp(stock: { has(item: string): Promise<boolean>; giveBack(item: string): Promise<void> }): Hono {
  const app = new Hono()

  app.post('/login/:user', async (c) => {
    setCookie(c, COOKIE, await createSession(c.req.param('user')), { httpOnly: true, sameSite: 'Lax' })
    return c.json({})
  })

  app.get('/cart', async (c) => {
    const session = await changeSession(getCookie(c, COOKIE) ?? '')
    return c.json(session, session === null ? 401 : 200)
  })

  app.put('/cart/:item', async (c) => {
    const item = c.req.param('item')
    if (!(await stock.has(item))) return c.notFound()
    const session = await changeSession(getCookie(c, COOKIE) ?? '', 'add', item)
    return c.json(session, session === null ? 401 : 200)
  })

  app.delete('/cart/:item', async (c) => {
    const item = c.req.param('item')
    await stock.giveBack(item)
    const session = await changeSession(getCookie(c, COOKIE) ?? '', 'remove', item)
    return c.json(session, session === null ? 401 : 200)
  })

  app.post('/logout', async (c) => {
    await endSession(getCookie(c, COOKIE) ?? '')
    deleteCookie(c, COOKIE)
    return c.json({})
  })
  return app
}
