/**
 * One client's use of the cached value, with every step on record.
 */
import type { LockDefinition } from '../../lock/lock.ts'
import { type Client, note, reason, record, sleep } from '../client.ts'
import type { Hold } from '../hold.ts'
import { Locking, type Taken } from '../locking.ts'
import type { CacheSettings } from './cache.ts'
import { type CacheAside, type CacheEntry, generationFenced, plain } from './cache-aside.ts'

/** The cached value's key. */
export const CACHE_KEY = 'cache:orders/42'

/** The ways in which a client reads, makes and changes the value. */
export class CacheUse {
  readonly #client: Client
  readonly #settings: CacheSettings
  readonly #locking: Locking
  readonly #cache: CacheAside

  constructor(client: Client, lock: LockDefinition, settings: CacheSettings, ttlMs: number) {
    this.#client = client
    this.#settings = settings
    this.#locking = new Locking(client, lock, ttlMs)
    this.#cache = settings.checkGeneration ? generationFenced : plain
  }

  #name(use: string): string {
    const { name, process } = this.#client
    return `${name}${process.incarnation === 0 ? '' : `.${process.incarnation}`}-${use}`
  }

  #entry(token: string): CacheEntry {
    const redis = this.#client.nodes[0] as CacheEntry['redis']
    return { redis, key: CACHE_KEY, keepMs: this.#settings.keepMs, token }
  }

  /** Serves the value to one user. */
  async get(round: string): Promise<void> {
    const client = this.#client
    const id = this.#name(`get${round}`)
    record(client, 'invoke', 'get', id)
    try {
      for (;;) {
        const look = await this.#cache.look(this.#entry(id))
        if (look.value !== null) {
          record(client, 'ok', 'get', [id, Number(look.value), 'cache'])
          return
        }
        const taken = await this.#locking.attempt()
        if (taken !== null) {
          await this.#serveUnderLock(id, taken)
          return
        }
        if (client.isStopping()) break
        await sleep(client, this.#settings.retryUs)
      }
      record(client, 'fail', 'get', [id, 'the lock was not to be had'])
    } catch (error) {
      record(client, 'fail', 'get', [id, reason(error)])
    }
  }

  /** The holder before it may have filled the cache: looks again, and only then asks the database. */
  async #serveUnderLock(id: string, { hold, context }: Taken): Promise<void> {
    const client = this.#client
    try {
      const look = await this.#cache.look(this.#entry(id))
      if (look.value !== null) record(client, 'ok', 'get', [id, Number(look.value), 'cache'])
      else {
        const value = await this.#rebuild(hold)
        await this.#fill(hold, value, look.generation)
        record(client, 'ok', 'get', [id, value, 'database'])
      }
    } finally {
      await this.#locking.giveBack(hold, context)
    }
  }

  async #rebuild({ token, fence }: Hold): Promise<number> {
    const client = this.#client
    record(client, 'invoke', 'rebuild', token)
    try {
      const { value } = await client.storage.send({ op: 'read', token, fence, value: 0 })
      await sleep(client, this.#settings.workUs + client.extraWorkUs())
      record(client, 'ok', 'rebuild', [token, value])
      return value
    } catch (error) {
      record(client, 'fail', 'rebuild', [token, reason(error)])
      throw error
    }
  }

  async #fill(hold: Hold, value: number, generation: string): Promise<void> {
    const client = this.#client
    const { token } = hold
    if (!hold.isBelieved()) {
      note(client, 'note', 'gave up', token)
      return
    }
    record(client, 'invoke', 'fill', [token, value])
    try {
      const isFilled = await this.#cache.fill(this.#entry(token), String(value), generation)
      record(client, isFilled ? 'ok' : 'fail', 'fill', [token, value])
    } catch (error) {
      // The user is served all the same: the cache may be empty, or not.
      record(client, 'info', 'fill', [token, value, reason(error)])
    }
  }

  /** Changes the value in the database, then invalidates what is cached; acknowledged when both are done. */
  async update(value: number): Promise<void> {
    const client = this.#client
    const { writerLocks, retryUs } = this.#settings
    const id = this.#name(`update${value}`)
    record(client, 'invoke', 'update', [id, value])
    const taken = writerLocks ? await this.#locking.take(retryUs, () => client.isStopping()) : null
    if (writerLocks && taken === null) {
      record(client, 'fail', 'update', [id, value])
      return
    }
    const token = taken?.hold.token ?? id
    const fence = taken?.hold.fence ?? null
    const isDone =
      (await this.#step('write', token, value, () => client.storage.send({ op: 'write', token, fence, value }))) &&
      (await this.#step('invalidate', token, value, () => this.#cache.invalidate(this.#entry(token))))
    record(client, isDone ? 'ok' : 'info', 'update', [id, value, token])
    if (taken !== null) await this.#locking.giveBack(taken.hold, taken.context)
  }

  /** One step of an update, on record; false: it is not known whether it happened. */
  async #step(
    op: 'write' | 'invalidate',
    token: string,
    value: number,
    task: () => Promise<unknown>,
  ): Promise<boolean> {
    record(this.#client, 'invoke', op, [token, value])
    try {
      await task()
      record(this.#client, 'ok', op, [token, value])
      return true
    } catch (error) {
      record(this.#client, 'info', op, [token, value, reason(error)])
      return false
    }
  }
}
