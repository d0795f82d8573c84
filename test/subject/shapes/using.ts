import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Redis } from 'ioredis'

const RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end"

/** `using`, as a class like redlock's has it. */
export class Mutex {
  readonly #client: Redis

  constructor({ client }: { client: Redis }) {
    this.#client = client
  }

  async using<T>(keys: string[], duration: number, routine: () => Promise<T>): Promise<T> {
    const [key = ''] = keys
    const value = randomUUID()
    for (let attempt = 0; (await this.#client.set(key, value, 'PX', duration, 'NX')) !== 'OK'; attempt += 1) {
      if (attempt === 200) throw new Error('the lock could not be had')
      await sleep(20)
    }
    try {
      return await routine()
    } finally {
      await this.#client.eval(RELEASE, 1, key, value)
    }
  }
}
