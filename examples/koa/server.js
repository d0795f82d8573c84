import { createApp } from './app.js'

const warehouse = process.env.WAREHOUSE_URL ?? 'http://localhost:4000'
const stock = {
  has: async (item) => (await fetch(`${warehouse}/reserve/${item}`, { method: 'POST' })).ok,
  giveBack: (item) => fetch(`${warehouse}/reserve/${item}`, { method: 'DELETE' }),
}

createApp({ stock }).listen(process.env.PORT ?? 3000)
