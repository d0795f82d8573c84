const { RedisStore } = require('connect-redis')
const express = require('express')
const session = require('express-session')

/** The shop. `stock` knows what is in the warehouse. */
module.exports = function createApp({ redis, stock }) {
  const app = express()
  app.use(
    session({
      store: new RedisStore({ client: redis, prefix: 'shop:' }),
      secret: process.env.SESSION_SECRET ?? 'not in production',
      resave: false,
      saveUninitialized: false,
      cookie: { maxAge: 30 * 60_000 },
    }),
  )
  app.use(express.json())

  app.post('/login', (req, res, next) => {
    req.session.regenerate((error) => {
      if (error) return next(error)
      req.session.user = req.body.user
      req.session.items = []
      res.json(cartOf(req))
    })
  })

  app.use((req, res, next) => {
    if (req.session.user) next()
    else res.status(401).json(null)
  })

  app.get('/cart', (req, res) => res.json(cartOf(req)))

  app.put('/cart/:item', async (req, res) => {
    if (!(await stock.has(req.params.item))) return res.status(404).json({ error: 'sold out' })
    req.session.items = [...new Set([...req.session.items, req.params.item])]
    res.json(cartOf(req))
  })

  app.delete('/cart/:item', async (req, res) => {
    await stock.giveBack(req.params.item)
    req.session.items = req.session.items.filter((item) => item !== req.params.item)
    res.json(cartOf(req))
  })

  app.post('/logout', (req, res, next) => {
    req.session.destroy((error) => (error ? next(error) : res.json(null)))
  })
  return app
}

const cartOf = ({ session: { user, items } }) => ({ user, items })
