import { ask, defineSessionApp } from 'lockstorm'
import createApp from './app.js'
import redis from './redis.js'

/** How a browser asks this application for what lockstorm's browsers want. */
const ROUTES = {
  login: () => ['POST', '/login'],
  read: () => ['GET', '/cart'],
  add: (item?: string) => ['PUT', `/cart/${item}`],
  remove: (item?: string) => ['DELETE', `/cart/${item}`],
  logout: () => ['POST', '/logout'],
} as const

export default defineSessionApp({
  name: 'cart-on-express',
  async start({ work }) {
    await redis.connect()
    // The warehouse is no part of the world: asking it takes as long as lockstorm says.
    const stock = { has: () => work().then(() => true), giveBack: work }
    const app = createApp({ redis, stock })
    return {
      async request({ action, cookie, user, item }) {
        const [method, path] = ROUTES[action](item)
        const response = await ask(app, path, { method, headers: { cookie }, body: { user } })
        const { status } = response
        const setCookie = response.headers.getSetCookie()
        return status < 500 ? { status, setCookie, cart: await response.json() } : { status, setCookie }
      },
    }
  },
})
