/** redis-lock: its function, whose result gives the lock back. */
import { createClient } from 'redis'
// @ts-expect-error it has no types
import redisLock from 'redis-lock'

const client = createClient({ url: 'redis://cache:6379' })
client.on('error', () => {})
await client.connect()

export default redisLock(client)
