/**
 * Taking and releasing a lock the way an application does, with every step on record.
 */
import type { LockContext, LockDefinition } from '../lock/lock.ts'
import { type Client, reason, record, sleep } from './client.ts'
import { Hold } from './hold.ts'

/** The key that every client of a world fights for. */
export const LOCK_KEY = 'orders/42'

/** A lock in the hands of one client. */
export class Locking {
  readonly #client: Client
  readonly #lock: LockDefinition
  readonly #ttlMs: number
  readonly #prefix: string
  #attempts = 0

  /** `purpose` sets the tokens of a second use by the same client apart. */
  constructor(client: Client, lock: LockDefinition, ttlMs: number, purpose = '') {
    const { incarnation } = client.process
    this.#client = client
    this.#lock = lock
    this.#ttlMs = ttlMs
    this.#prefix = `${client.name}${incarnation === 0 ? '' : `.${incarnation}`}${purpose}`
  }

  /** Tries until it has the lock; null when `isOver` says so first. */
  async take(retryUs: number, isOver: () => boolean): Promise<{ hold: Hold; context: LockContext } | null> {
    const client = this.#client
    while (!isOver()) {
      const context = this.#nextContext()
      const { token } = context
      record(client, 'invoke', 'acquire', token)
      try {
        const lease = await this.#lock.acquire(context)
        if (lease !== null && lease !== undefined) {
          return { hold: new Hold(client, token, lease, this.#lock.statements), context }
        }
        record(client, 'fail', 'acquire', token)
      } catch (error) {
        record(client, 'info', 'acquire', [token, reason(error)])
      }
      await sleep(client, retryUs)
    }
    return null
  }

  /** What the lock is given for its next attempt. */
  #nextContext(): LockContext {
    const { nodes, connect, load } = this.#client
    this.#attempts += 1
    return {
      redis: nodes[0] as LockContext['redis'],
      nodes,
      key: LOCK_KEY,
      token: `${this.#prefix}-${this.#attempts}`,
      ttlMs: this.#ttlMs,
      connect,
      load,
    }
  }

  /** Gives the lock back; whatever happens, the client no longer believes in it. */
  async giveBack(hold: Hold, context: LockContext): Promise<void> {
    const client = this.#client
    record(client, 'invoke', 'release', hold.token)
    hold.letGo()
    try {
      record(client, 'ok', 'release', [hold.token, await this.#lock.release(context, hold.lease)])
    } catch (error) {
      record(client, 'info', 'release', [hold.token, reason(error)])
    }
  }
}
