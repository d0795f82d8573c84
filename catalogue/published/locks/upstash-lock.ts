/** @upstash/lock: a lock for a key, over HTTP. */
import { Lock } from '@upstash/lock'
import { Redis } from '@upstash/redis'

const redis = new Redis({ url: 'https://cache.upstash.io', token: 'secret' })

export const createLock = (id: string, lease: number) => new Lock({ id, lease, redis })
