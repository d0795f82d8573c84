import { Injectable } from './metadata.ts'

@Injectable()
export class ConfigService {
  readonly redisUrl = process.env.REDIS_URL ?? 'redis://cache.internal:6379'
  readonly lockTtlMs = 2_000
}
