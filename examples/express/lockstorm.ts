import express from 'express'
import inject from 'light-my-request'
import { defineSessionApp } from 'lockstorm'
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
    const server = express().use(closable, createApp({ redis, stock }))
    return {
      async request({ action, cookie, user, item }) {
        const [method, url] = ROUTES[action](item)
        const response = await inject(server, { method, url, headers: { cookie }, payload: { user } })
        const setCookie = [response.headers['set-cookie'] ?? []].flat()
        const status = response.statusCode
        return status < 500 ? { status, setCookie, cart: response.json() } : { status, setCookie }
      },
    }
  },
})

/** Express closes the connection of a request that it can no longer answer; the sockets of light-my-request cannot be closed. */
const closable: express.RequestHandler = (request, response, next) => {
  Object.assign(request.socket, { destroy: () => response.destroy() })
  next()
}
