const createApp = require('./app')
const redis = require('./redis')

const warehouse = process.env.WAREHOUSE_URL ?? 'http://localhost:4000'
const stock = {
  has: async (item) => (await fetch(`${warehouse}/reserve/${item}`, { method: 'POST' })).ok,
  giveBack: (item) => fetch(`${warehouse}/reserve/${item}`, { method: 'DELETE' }),
}

redis.connect().then(() => createApp({ redis, stock }).listen(process.env.PORT ?? 3000))
