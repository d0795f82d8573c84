/** node-redisson: `lock` and `unlock` with its watchdog, and clients of its own. */
import { Redisson } from 'node-redisson'

const redisson = new Redisson({ redis: { options: { host: 'cache', port: 6379 } } })

export async function withLock(key: string, work: () => Promise<void>): Promise<void> {
  const lock = redisson.getLock(key)
  await lock.lock()
  try {
    await work()
  } finally {
    await lock.unlock()
  }
}
