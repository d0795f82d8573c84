import { randomUUID } from 'node:crypto'
import { ConfigService } from './config.service.ts'
import { Injectable } from './metadata.ts'
import { RedisService } from './redis.service.ts'

const RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"

@Injectable()
export class LockService {
  readonly #redis: RedisService
  readonly #config: ConfigService

  constructor(redis: RedisService, config: ConfigService) {
    this.#redis = redis
    this.#config = config
  }

  async tryLock(resource: string): Promise<string | null> {
    const token = randomUUID()
    const { client } = this.#redis
    return (await client.set(`lock:${resource}`, token, 'PX', this.#config.lockTtlMs, 'NX')) === 'OK' ? token : null
  }

  async unlock(resource: string, token: string): Promise<boolean> {
    return (await this.#redis.client.eval(RELEASE, 1, `lock:${resource}`, token)) === 1
  }
}
