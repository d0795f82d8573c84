import { type AppRequest, defineSessionApp } from 'lockstorm'
import { buildApp } from './src/app.ts'

export default defineSessionApp({
  name: 'cart-on-fastify',
  async start() {
    // A cold start: each simulated web server registers its plugins and connects to Redis inside the world.
    const app = await buildApp()
    await app.ready()
    return {
      async request(request) {
        const response = await app.inject({ ...routeOf(request), headers: { cookie: request.cookie } })
        const setCookie = [response.headers['set-cookie'] ?? []].flat()
        const status = response.statusCode
        const { user, items } = response.json()
        if (status === 401) return { status, setCookie, cart: null }
        return user === undefined ? { status, setCookie } : { status, setCookie, cart: { user, items } }
      },
    }
  },
})

function routeOf({ action, user, item }: AppRequest) {
  switch (action) {
    case 'login':
      return { method: 'POST', url: '/login', payload: { user } } as const
    case 'read':
      return { method: 'GET', url: '/cart' } as const
    case 'add':
      return { method: 'PUT', url: `/cart/${item}` } as const
    case 'remove':
      return { method: 'DELETE', url: `/cart/${item}` } as const
    case 'logout':
      return { method: 'POST', url: '/logout' } as const
  }
}
