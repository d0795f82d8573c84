/**
 * The shopping cart in a whole web application: the same story as `store-cart.ts`, told by browsers. A request is acknowledged
 * when its response arrives; the browser keeps the cookie.
 *
 *   A: stranger visits, plants cookie ─ login ─ read ─ add a1 ───────────── add a2 ── …
 *   B:                         second tab: visit ─ read ─ add b1 ─ remove b1 ─ add b2
 *   C: login of u2 ─────────────────────────────  read ─ add c1 ─ u2 and the stranger look ─ logout (when planned)
 *
 * There are three browsers: the user's (u1), another user's, and a stranger's, who never logs in but has planted the
 * cookie of a visit of its own in the user's browser. Nobody may be served as somebody else.
 */

import { type Client, sleep } from '../client.ts'
import { Browser } from './browser.ts'
import type { CartSettings } from './store-cart.ts'
import type { WebServer } from './web-server.ts'

/** The browsers of one world. */
export interface Browsers {
  readonly user: Browser
  readonly other: Browser
  readonly stranger: Browser
}

/** Three browsers with empty jars. */
export const openBrowsers = (): Browsers => ({
  user: new Browser('u1'),
  other: new Browser('u2'),
  stranger: new Browser('stranger'),
})

const WAIT_US = 5_000

/** What the browsers ask one web server for. */
export async function runCartApp(server: WebServer, browsers: Browsers, settings: CartSettings): Promise<void> {
  const { client } = server
  const { user, other, stranger } = browsers
  const { role } = settings
  if (role === 'first' && !user.isLoggedIn) {
    await server.visit(stranger)
    user.plant(stranger.header(client.process.localNowUs))
    while (!client.isStopping() && !(await server.login(user, 'login'))) await sleep(client, WAIT_US)
  }
  if (role === 'middle' && (await until(client, () => user.hasAsked))) await server.visit(user)
  if (role === 'last' && !other.isLoggedIn) await server.login(other, 'visit')
  if (!(await until(client, () => user.isLoggedIn))) return
  await server.read(user)
  for (let index = 1; index <= settings.requests && !client.isStopping(); index += 1) {
    const item = `${client.name.toLowerCase()}${index}`
    await server.change(user, 'add', item)
    if (role === 'middle' && index === 1) await server.change(user, 'remove', item)
  }
  if (role !== 'last' || client.isStopping()) return
  await server.visit(other)
  await server.visit(stranger)
  if (settings.logout) await server.logout(user)
}

/** Waits; false: the storm is over. */
async function until(client: Client, isSo: () => boolean): Promise<boolean> {
  while (!isSo()) {
    if (client.isStopping()) return false
    await sleep(client, WAIT_US)
  }
  return true
}
