/** redis-promise-lock: an object of its class, as its README makes it. */
import { createClient } from 'redis'
import { Lock } from 'redis-promise-lock'

const client = createClient({ url: 'redis://cache:6379' })
client.on('error', () => {})
await client.connect()

export default new Lock(client)
