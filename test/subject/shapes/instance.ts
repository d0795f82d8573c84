import { Redis } from 'ioredis'
import { RedisLock } from './class-given-client.ts'

const redis = new Redis(process.env.REDIS_URL ?? 'redis://prod.example.com:6379')
redis.on('error', () => {})

/** An object that is made when the file is loaded. */
export const orderLock = new RedisLock(redis)
