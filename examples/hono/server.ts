import { serve } from '@hono/node-server'
import { createApp } from './app.ts'

const warehouse = process.env.WAREHOUSE_URL ?? 'http://localhost:4000'
const app = createApp({
  has: async (item) => (await fetch(`${warehouse}/reserve/${item}`, { method: 'POST' })).ok,
  giveBack: async (item) => void (await fetch(`${warehouse}/reserve/${item}`, { method: 'DELETE' })),
})

serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000) })
