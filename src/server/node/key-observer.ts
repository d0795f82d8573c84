/**
 * What a key of a real server holds, asked over the control connection: for the truth lane.
 *
 * Does not model  looking without leaving a trace: GET counts as a use of the key (OBJECT IDLETIME), a key whose time
 *                 is up is removed by looking, and INFO counts the commands.
 */
import type { Reply } from '../../redis/reply.ts'
import type { KeyState } from '../server.ts'
import type { Bridge } from './bridge.ts'
import type { ServerClock } from './server-clock.ts'

export class KeyObserver {
  readonly #bridge: Bridge
  readonly #clock: ServerClock
  readonly #last = new Map<string, KeyState | null>()

  constructor(bridge: Bridge, clock: ServerClock) {
    this.#bridge = bridge
    this.#clock = clock
  }

  /** The key's state now. */
  observe(key: string): KeyState | null {
    const state = this.#bridge.isPaused ? this.#remembered(key) : this.#ask(key)
    this.#last.set(key, state)
    return state
  }

  /** While CLIENT PAUSE holds all commands back nothing changes but the time. */
  #remembered(key: string): KeyState | null {
    const state = this.#last.get(key) ?? null
    const isOver = state !== null && state.expireAtMs !== null && this.#clock.wallUs > state.expireAtMs * 1000
    return isOver ? null : state
  }

  #ask(key: string): KeyState | null {
    const [type, leftMs, text] = this.#bridge.ask([
      ['TYPE', key],
      ['PTTL', key],
      ['GET', key],
    ])
    const typeName = statusText(type)
    if (typeName === 'none') return null
    return {
      type: typeName,
      text: typeof text === 'string' ? text : this.#firstOf(typeName, key),
      // PTTL and not PEXPIRETIME: Redis 6 has no such command, and a paced server has another clock than the world.
      expireAtMs: (leftMs as number) < 0 ? null : Math.floor(this.#clock.wallUs / 1000) + (leftMs as number),
    }
  }

  #firstOf(type: string, key: string): string | null {
    switch (type) {
      case 'list':
        return this.#bridge.ask([['LINDEX', key, '0']])[0] as string | null
      case 'zset':
        return first(this.#bridge.ask([['ZRANGE', key, '0', '0']])[0])
      case 'hash':
        return this.#scan('HSCAN', key)
      case 'set':
        return this.#scan('SSCAN', key)
      default:
        return null
    }
  }

  /** A step of a scan may find nothing in a table that was larger once. */
  #scan(command: 'HSCAN' | 'SSCAN', key: string): string | null {
    let cursor = '0'
    do {
      const [next, items] = this.#bridge.ask([[command, key, cursor]])[0] as readonly [string, readonly string[]]
      const found = items[0]
      if (found !== undefined) return found
      cursor = next
    } while (cursor !== '0')
    return null
  }
}

const statusText = (reply: Reply | undefined): string =>
  typeof reply === 'object' && reply !== null && 'text' in reply ? reply.text : 'none'

const first = (reply: Reply | undefined): string | null =>
  Array.isArray(reply) ? ((reply[0] as string) ?? null) : null
