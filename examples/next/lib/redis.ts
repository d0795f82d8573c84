import Redis from 'ioredis'

// One connection, also when the development server loads this module again.
const kept = globalThis as unknown as { redis?: Redis }

export const redis = kept.redis ?? new Redis(process.env.REDIS_URL ?? 'redis://localhost:6379')
if (process.env.NODE_ENV !== 'production') kept.redis = redis
