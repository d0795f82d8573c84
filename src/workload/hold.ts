/**
 * What a client believes about one lease: from the moment `acquire` resolved to the first of release, a signalled loss,
 * `isHeld()` false, and the end that the lease itself states, on the client's own clock.
 *
 * The end of a stated lease is watched from outside: the belief of a paused process ends by its clock, although its code cannot look.
 */
import { leaseOf } from '../lock/lease.ts'
import type { Lease, Statements } from '../lock/lock.ts'
import type { SimTimer } from '../sim/process.ts'
import { running } from '../sim/world.ts'
import { type Client, note, record } from './client.ts'

export class Hold {
  readonly lease: Lease
  /** As `acquire` returned it, which `release` is given. */
  readonly returned: unknown
  readonly token: string
  readonly #client: Client
  #isEnded = false
  #alarm: SimTimer | null = null
  /** The stated end that the alarm is set to, on whichever clock. */
  #statedMs: number | undefined

  /** `statements`: what the lock calls what its leases say. */
  constructor(client: Client, token: string, returned: unknown, statements?: Statements) {
    const lease = leaseOf(returned)
    this.#client = client
    this.token = token
    this.lease = lease
    this.returned = returned
    const { process } = client
    const { clock } = process
    const { expiresAt, validUntil } = lease
    const statedUs =
      validUntil !== undefined
        ? clock.trueUsWhenMono(Math.floor(validUntil * 1000))
        : expiresAt !== undefined
          ? clock.trueUsWhenWall(expiresAt * 1000)
          : null
    const clockKind = validUntil !== undefined ? 'monotonic' : expiresAt !== undefined ? 'wall' : null
    const said = saidBy(lease, statements)
    record(
      client,
      'ok',
      'acquire',
      said === '' ? [token, this.fence, statedUs, clockKind] : [token, this.fence, statedUs, clockKind, said],
    )
    this.#statedMs = validUntil ?? expiresAt
    if (this.#statedMs !== undefined) this.#alarm = this.#alarmAt(this.#statedMs)
    lease.signal?.addEventListener('abort', () => this.#end('signalled'))
    lease.lost?.then(() => this.#end('lost'))
    if (lease.isHeld !== undefined || statedUs !== null) process.onTurnEnd = () => this.#poll()
    if (lease.isHeld !== undefined) {
      // A stated end is watched already.
      if (statedUs === null) this.#watch()
    }
  }

  /** The fencing token as a number; null when the lock has none. */
  get fence(): number | null {
    return this.lease.fence === undefined ? null : Number(this.lease.fence)
  }

  /** Whether the client, looking at its clock and its lease now, would go on. */
  isBelieved(): boolean {
    const { process } = this.#client
    const { lease } = this
    if (this.#isEnded || lease.signal?.aborted === true) return false
    if (lease.validUntil !== undefined && process.monoUs >= lease.validUntil * 1000) return false
    if (lease.expiresAt !== undefined && process.wallUs >= lease.expiresAt * 1000) return false
    return lease.isHeld === undefined || lease.isHeld()
  }

  /** The client lets go: it is about to call `release`. */
  letGo(): void {
    this.#end('released')
  }

  /** The client was told that it does not have the lock any more. */
  lose(): void {
    this.#end('not held')
  }

  /** Asks the lease also when its process has nothing to do; a stopped process is not asked, it could not answer. */
  #watch(): void {
    const { process } = this.#client
    const { incarnation } = process
    this.#client.onMoment(() => {
      if (this.#isEnded || process.isPaused || process.isCrashed || process.incarnation !== incarnation) return
      const before = running.process
      running.process = process
      try {
        this.#poll()
      } finally {
        running.process = before
      }
    })
  }

  #alarmAt(statedMs: number): SimTimer {
    const { process } = this.#client
    return this.lease.validUntil !== undefined
      ? process.setAlarm('mono', Math.floor(statedMs * 1000), () => this.#expire())
      : process.setAlarm('wall', statedMs * 1000, () => this.#expire())
  }

  #poll(): void {
    if (this.#isEnded) return
    const { validUntil, expiresAt } = this.lease
    const statedMs = validUntil ?? expiresAt
    if (statedMs !== undefined && statedMs !== this.#statedMs) {
      // A renewal moved the stated end.
      this.#alarm?.cancel()
      this.#statedMs = statedMs
      this.#alarm = this.#alarmAt(statedMs)
    }
    if (this.lease.isHeld?.() === false) this.#end('not held')
  }

  /** The stated end has come; recorded in true time, even if the process stands still. */
  #expire(): void {
    const { process } = this.#client
    this.#alarm = null
    if (process.isCrashed && process.crashedAtUs <= process.world.nowUs) return
    process.world.trace.append(process.world.nowUs, process.name, 'belief', 'ended', [this.token, 'stated end'])
    this.#isEnded = true
  }

  #end(why: string): void {
    if (this.#isEnded) return
    this.#isEnded = true
    const { process } = this.#client
    process.onTurnEnd = null
    // In the middle of a pause the stated end may lie before this moment: then its alarm must still ring.
    if (!process.isPaused) this.#alarm?.cancel()
    note(this.#client, 'belief', 'ended', [this.token, why])
  }
}

const LIVE = ['isHeld', 'signal', 'lost'] as const
const ALL = ['expiresAt', 'validUntil', ...LIVE] as const

/**
 * What the lease says of itself, by field and by the lock's own name for it. A stated end is on record already: alone, and
 * without a name of its own, it is not said twice.
 */
function saidBy(lease: Lease, statements: Statements | undefined): string {
  const isLive = lease.expiresAt === undefined && lease.validUntil === undefined
  const fields = statements !== undefined ? ALL : isLive ? LIVE : []
  return fields
    .filter((field) => lease[field] !== undefined)
    .map((field) => `${field}=${statements?.[field] ?? field}`)
    .join(' ')
}
