import { Redis } from 'ioredis'
import { ConfigService } from './config.service.ts'
import { Injectable } from './metadata.ts'

@Injectable()
export class RedisService {
  readonly client: Redis
  constructor(config: ConfigService) {
    this.client = new Redis(config.redisUrl)
    this.client.on('error', () => undefined)
  }
}
