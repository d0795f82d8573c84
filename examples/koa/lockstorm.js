import { ask, defineSessionApp } from 'lockstorm'
import { createApp } from './app.js'

export default defineSessionApp({
  name: 'cart-on-koa',
  start({ work }) {
    // The warehouse is no part of the world: asking it takes as long as lockstorm says.
    const stock = { has: () => work().then(() => true), giveBack: work }
    const serve = createApp({ stock }).callback()
    return {
      async request({ action, cookie, user, item }) {
        const path = item === undefined ? `/${action}` : `/${action}/${item}`
        const query = user === undefined ? '' : `?user=${user}`
        const response = await ask(serve, path + query, { headers: { cookie } })
        const { status } = response
        const setCookie = response.headers.getSetCookie()
        if (status === 401) return { status, setCookie, cart: null }
        const text = await response.text()
        return text === '' || status >= 400 ? { status, setCookie } : { status, setCookie, cart: JSON.parse(text) }
      },
    }
  },
})
