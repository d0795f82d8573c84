import { defineSessionApp } from 'lockstorm'
import { createApp } from './app.ts'
import type { Session } from './sessions.ts'

/** How a browser asks this application for what lockstorm's browsers want, of a user or an item. */
const ROUTES = {
  login: (user: string) => ['POST', `/login/${user}`] as const,
  read: () => ['GET', '/cart'] as const,
  add: (item: string) => ['PUT', `/cart/${item}`] as const,
  remove: (item: string) => ['DELETE', `/cart/${item}`] as const,
  logout: () => ['POST', '/logout'] as const,
}

export default defineSessionApp({
  name: 'cart-on-hono',
  start({ work }) {
    // The warehouse is no part of the world: asking it takes as long as lockstorm says.
    const app = createApp({ has: () => work().then(() => true), giveBack: work })
    return {
      async request({ action, cookie, user, item }) {
        const [method, url] = ROUTES[action](user ?? item ?? '')
        const response = await app.request(url, { method, headers: { cookie } })
        const { status } = response
        const setCookie = response.headers.getSetCookie()
        if (!url.startsWith('/cart') || status >= 500) return { status, setCookie }
        return { status, setCookie, cart: (await response.json()) as Session | null }
      },
    }
  },
})
