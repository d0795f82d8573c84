/**
 * The shopping cart in a whole web application: the same story as `store-cart.ts`, told by browsers. A request is acknowledged
 * when its response arrives; the browser keeps the cookie.
 *
 *   A: stranger visits, plants cookie ─ login ─ read ─ add a1 ───────────── add a2 ── …
 *   B:                         second tab: visit ─ read ─ add b1 ─ remove b1 ─ add b2
 *   C: login of u2 ─────────────────────────────  read ─ add c1 ─ u2 and the stranger look ─ logout (when planned)
 *
 * There are three browsers: the user's (u1), another user's, and a stranger's, who never logs in but has planted the
 * cookie of a visit of its own in the user's browser. No user may be served as another one.
 */

import type { SessionAppDefinition } from '../../session/session-app.ts'
import { type Client, sleep } from '../client.ts'
import { type CartLife, LOOK_US, LOOKS_MAX, roleOf } from './cart-life.ts'
import { WebServer } from './web-server.ts'

/** The web server in a client's process, started when it is not there yet. */
export async function serve(
  { client, settings, ttlMs, shared }: CartLife,
  app: SessionAppDefinition,
): Promise<WebServer> {
  const server = shared.servers.get(client) ?? (await WebServer.start(client, app, settings.workUs, ttlMs))
  shared.servers.set(client, server)
  return server
}

/** The user looks at the cart once more. */
export const probeAppCart = (life: CartLife, app: SessionAppDefinition): Promise<void> =>
  serve(life, app).then((server) => server.probe(life.shared.browsers.user))

/** What the browsers ask one web server for. */
export async function runAppCart(life: CartLife, app: SessionAppDefinition): Promise<void> {
  const { client, settings, shared } = life
  const server = await serve(life, app)
  const { user, other, stranger } = shared.browsers
  const role = roleOf(life)
  if (role === 'first' && !user.isLoggedIn) {
    await server.visit(stranger)
    user.plant(stranger.header(client.process.localNowUs))
    while (!client.isStopping() && !(await server.login(user, 'login'))) await sleep(client, LOOK_US)
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

/** Waits; false: it will not be so, or the storm is over. */
async function until(client: Client, isSo: () => boolean): Promise<boolean> {
  for (let looks = 1; !isSo(); looks += 1) {
    if (looks === LOOKS_MAX || client.isStopping()) return false
    await sleep(client, LOOK_US)
  }
  return true
}
