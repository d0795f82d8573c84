import inject from 'light-my-request'
import { defineSessionApp } from 'lockstorm'
import { createApp } from './app.js'

export default defineSessionApp({
  name: 'cart-on-koa',
  start({ work }) {
    // The warehouse is no part of the world: asking it takes as long as lockstorm says.
    const stock = { has: () => work().then(() => true), giveBack: work }
    const serve = createApp({ stock }).callback()
    return {
      async request({ action, cookie, user, item }) {
        const url = item === undefined ? `/${action}` : `/${action}/${item}`
        const response = await inject(serve, { url, query: { user }, headers: { cookie } })
        const setCookie = [response.headers['set-cookie'] ?? []].flat()
        const status = response.statusCode
        if (status === 401) return { status, setCookie, cart: null }
        return response.payload === '' || status >= 400
          ? { status, setCookie }
          : { status, setCookie, cart: response.json() }
      },
    }
  },
})
