import { defineSessionApp } from 'lockstorm'
import * as cart from '@/app/api/cart/route'
import * as login from '@/app/api/login/route'
import * as logout from '@/app/api/logout/route'
import type { Session } from '@/lib/session'

/** Which route handler answers what lockstorm's browsers want, as Next would choose it. */
const ROUTES = {
  login: ['POST', '/api/login', login.POST],
  read: ['GET', '/api/cart', cart.GET],
  add: ['PUT', '/api/cart', cart.PUT],
  remove: ['DELETE', '/api/cart', cart.DELETE],
  logout: ['POST', '/api/logout', logout.POST],
} as const

export default defineSessionApp({
  name: 'cart-on-next',
  // Nothing to start: route handlers are functions, and their modules are loaded by each simulated server for itself.
  start: () => ({
    async request({ action, cookie, ...asked }) {
      const [method, path, handle] = ROUTES[action]
      const body = method === 'GET' ? null : JSON.stringify(asked)
      const response = await handle(new Request(`http://shop.example${path}`, { method, headers: { cookie }, body }))
      const { status } = response
      const setCookie = response.headers.getSetCookie()
      if (status >= 400 && status !== 401) return { status, setCookie }
      return { status, setCookie, cart: (await response.json()) as Session | null }
    },
  }),
})
