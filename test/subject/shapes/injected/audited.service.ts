import { ConfigService } from './config.service.ts'
import { LockService } from './lock.service.ts'
import { Injectable } from './metadata.ts'
import { RedisService } from './redis.service.ts'

/** What only the application knows. */
interface AuditLog {
  write(text: string): void
}

@Injectable()
export class AuditedLockService extends LockService {
  readonly #audit: AuditLog

  constructor(redis: RedisService, config: ConfigService, audit: AuditLog) {
    super(redis, config)
    this.#audit = audit
  }

  override async tryLock(resource: string): Promise<string | null> {
    this.#audit.write(resource)
    return super.tryLock(resource)
  }
}
