import { randomBytes } from 'node:crypto'
import { Redis } from 'ioredis'

const RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end"

const TTL_MS = 2_000

export interface Options {
  readonly url?: string
}

/** A class with a client of its own, which keeps its tokens; its leases last two seconds. */
export default class Locker {
  private readonly client: Redis
  private readonly tokens = new Map<string, string>()

  constructor(options: Options = {}) {
    this.client = new Redis(options.url ?? 'redis://cache.internal:6379')
    this.client.on('error', () => {})
  }

  async lock(name: string): Promise<boolean> {
    const token = randomBytes(8).toString('hex')
    const answer = await this.client.set(name, token, 'PX', TTL_MS, 'NX')
    if (answer !== 'OK') return false
    this.tokens.set(name, token)
    return true
  }

  async unlock(name: string): Promise<void> {
    const token = this.tokens.get(name)
    if (token === undefined) return
    this.tokens.delete(name)
    await this.client.eval(RELEASE, 1, name, token)
  }
}
