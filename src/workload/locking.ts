/**
 * Taking and releasing a lock the way an application does, with every step on record.
 */
import { isRefusal } from '../lock/lease.ts'
import type { Lease, LockContext, LockDefinition } from '../lock/lock.ts'
import { type Client, note, reason, record, sleep } from './client.ts'
import { Hold } from './hold.ts'

/** The key that every client of a world fights for. */
export const LOCK_KEY = 'orders/42'

/** A lock that was had. */
export interface Taken {
  readonly hold: Hold
  readonly context: LockContext
}

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

  /** Tries once. */
  attempt(): Promise<Taken | null> {
    return this.#tries(null, () => false)
  }

  /** Tries until it has the lock; null when `isOver` says so first. */
  take(retryUs: number, isOver: () => boolean): Promise<Taken | null> {
    return this.#tries(retryUs, isOver)
  }

  /** `retryUs` null: once. One function for all tries: most of what a world does is waiters that poll. */
  async #tries(retryUs: number | null, isOver: () => boolean): Promise<Taken | null> {
    const client = this.#client
    while (!isOver()) {
      const context = this.#nextContext()
      const { token } = context
      record(client, 'invoke', 'acquire', token)
      let lease: unknown
      try {
        lease = await this.#lock.acquire(context)
        if (isRefusal(lease)) record(client, 'fail', 'acquire', token)
      } catch (error) {
        record(client, 'info', 'acquire', [token, reason(error)])
      }
      if (!isRefusal(lease)) return { hold: this.#believe(token, lease), context }
      if (retryUs === null) return null
      await sleep(client, retryUs)
    }
    return null
  }

  /** From now on the client believes that it holds. */
  #believe(token: string, lease: unknown): Hold {
    return new Hold(this.#client, token, lease, this.#lock.statements)
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
      owner: this.#client.process.home.name,
      ttlMs: this.#ttlMs,
      connect,
      load,
    }
  }

  /**
   * Takes the lock once more while it is held, in the name of the same owner, and gives that back: what nested calls do
   * in an application. A lock that is not reentrant refuses, and nothing else happens.
   */
  async nest(context: LockContext): Promise<void> {
    const client = this.#client
    const { token } = context
    let inner: Lease | null = null
    record(client, 'invoke', 'nest', token)
    try {
      inner = await this.#lock.acquire(context)
      record(client, isRefusal(inner) ? 'fail' : 'ok', 'nest', token)
    } catch (error) {
      record(client, 'info', 'nest', [token, reason(error)])
    }
    if (isRefusal(inner)) return
    record(client, 'invoke', 'unnest', token)
    try {
      record(client, 'ok', 'unnest', [token, await this.#lock.release(context, inner)])
    } catch (error) {
      record(client, 'info', 'unnest', [token, reason(error)])
    }
  }

  /**
   * Works under the lock. Work that outlasts half a lease prolongs it each time when half of one is over, if the lock can;
   * without `extend` it goes on as it is. It ends early when the lock is said to be lost.
   */
  work(taken: Taken, workUs: number): Promise<void> {
    const client = this.#client
    const us = workUs + client.extraWorkUs()
    return this.#lock.extend === undefined || us <= this.#halfUs ? sleep(client, us) : this.#workOn(taken, us)
  }

  get #halfUs(): number {
    return (this.#ttlMs * 1_000) / 2
  }

  async #workOn({ hold, context }: Taken, us: number): Promise<void> {
    let leftUs = us
    while (leftUs > 0 && hold.isBelieved()) {
      const stepUs = Math.min(leftUs, this.#halfUs)
      await sleep(this.#client, stepUs)
      leftUs -= stepUs
      if (leftUs > 0) await this.#extend(hold, context)
    }
  }

  /** An extension that fails may have been made: the client works on, and tries again. */
  async #extend(hold: Hold, context: LockContext): Promise<void> {
    const client = this.#client
    record(client, 'invoke', 'extend', hold.token)
    try {
      const isMine = (await this.#lock.extend?.(context, hold.returned as Lease)) ?? false
      record(client, 'ok', 'extend', [hold.token, isMine])
      if (isMine === false) hold.lose()
    } catch (error) {
      record(client, 'info', 'extend', [hold.token, reason(error)])
    }
  }

  /** Gives the lock back; even if that fails, the client no longer believes in it. False: it failed, or was not its own. */
  async giveBack(hold: Hold, context: LockContext): Promise<boolean> {
    const client = this.#client
    const { process } = client
    const begunUs = process.world.nowUs
    record(client, 'invoke', 'release', hold.token)
    hold.letGo()
    try {
      const isMine = await this.#lock.release(context, hold.returned as Lease)
      record(client, 'ok', 'release', [hold.token, isMine])
      return isMine !== false
    } catch (error) {
      if (process.lostUs >= begunUs && process.heardAgainUs > process.lostUs)
        note(client, 'note', 'answered', hold.token)
      record(client, 'info', 'release', [hold.token, reason(error)])
      return false
    }
  }
}
