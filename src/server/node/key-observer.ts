/**
 * What a key of a real server holds, asked over the control connection: for the truth lane.
 *
 * A node of a cluster is asked as one of its replicas is, and as a slot is that is on its way; while the cluster is down reads are let through for
 * as long as it takes. A key that is another node's is not there.
 *
 * Does not model  looking without leaving a trace: GET counts as a use of the key (OBJECT IDLETIME), a key whose time
 *                 is up is removed by looking, and INFO counts the commands.
 */
import { isError, type Reply } from '../../redis/reply.ts'
import type { KeyState } from '../server.ts'
import type { Bridge } from './bridge.ts'
import type { ServerClock } from './server-clock.ts'

/** How far two looks at the same deadline may differ on a paced server. */
const LOOK_MS = 20

export class KeyObserver {
  readonly #bridge: Bridge
  readonly #clock: ServerClock
  #aheadMs: number | null = null
  #isFirstOnly: boolean
  readonly #last = new Map<string, KeyState | null>()
  readonly #isInCluster: boolean

  /** `before`: the one of the server's last life, whose databases are still there. */
  constructor(bridge: Bridge, clock: ServerClock, before?: KeyObserver, isInCluster = false) {
    this.#bridge = bridge
    this.#clock = clock
    this.#isInCluster = isInCluster
    this.#isFirstOnly = before === undefined || before.#isFirstOnly
  }

  /** A client's command: once one has chosen a database, all of them are looked at. */
  notice(command: string): void {
    if (this.#isFirstOnly && /\bselect\b/i.test(command)) this.#isFirstOnly = false
  }

  /** The key's state now, in the first database that has it. */
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
    const state = this.#askIn('0', key)
    if (state !== null || this.#isFirstOnly) return state
    const [keyspace] = this.#bridge.ask([['INFO', 'keyspace']])
    for (const [, database = ''] of String(keyspace).matchAll(/^db([1-9]\d*):/gm)) {
      const other = this.#askIn(database, key)
      if (other !== null) return other
    }
    return null
  }

  #askIn(database: string, key: string): KeyState | null {
    const [type, expireAtMs, leftMs, text] = this.#bridgeTo(database, [
      ['TYPE', key],
      ['PEXPIRETIME', key],
      ['PTTL', key],
      ['GET', key],
    ])
    const typeName = statusText(type)
    if (typeName === 'none' || isError(type as Reply)) return null
    return {
      type: typeName,
      text: typeof text === 'string' ? text : this.#firstOf(typeName, key, database),
      expireAtMs: (leftMs as number) < 0 ? null : this.#deadline(key, expireAtMs as Reply, leftMs as number),
    }
  }

  #bridgeTo(database: string, commands: readonly (readonly string[])[]): readonly Reply[] {
    if (this.#isInCluster) return this.#askNode(commands)
    if (database === '0') return this.#bridge.ask(commands)
    return this.#bridge.ask([['SELECT', database], ...commands, ['SELECT', '0']]).slice(1, -1)
  }

  #askNode(commands: readonly (readonly string[])[]): readonly Reply[] {
    const looks = [['READONLY'], ...commands.flatMap((command) => [['ASKING'], command])]
    const answers = (replies: readonly Reply[]): readonly Reply[] => replies.filter((_, at) => at > 0 && at % 2 === 0)
    const said = answers(this.#bridge.ask(looks))
    if (!said.some((reply) => isError(reply) && reply.text.startsWith('CLUSTERDOWN'))) return said
    const [on, off] = ['yes', 'no'].map((value) => ['CONFIG', 'SET', 'cluster-allow-reads-when-down', value])
    return answers(this.#bridge.ask([on as string[], ...looks, off as string[]]).slice(1, -1))
  }

  /** The deadline on the world's clock. */
  #deadline(key: string, expireAtMs: Reply, leftMs: number): number {
    const nowMs = Math.floor(this.#clock.wallUs / 1000)
    if (this.#clock.isVirtual) return nowMs + leftMs
    if (typeof expireAtMs === 'number') return expireAtMs - this.#serverAheadMs()
    // Redis 6 does not know PEXPIRETIME; time that passes between two looks must not pass for a new deadline.
    const last = this.#last.get(key)?.expireAtMs ?? null
    const next = nowMs + leftMs
    return last !== null && Math.abs(next - last) <= LOOK_MS ? last : next
  }

  /** How far a server's own clock is ahead of the world's; found out once, so that a deadline stays the same. */
  #serverAheadMs(): number {
    if (this.#aheadMs === null) {
      const [seconds, micros] = this.#bridge.ask([['TIME']])[0] as readonly [string, string]
      this.#aheadMs = Number(seconds) * 1000 + Math.floor((Number(micros) - this.#clock.wallUs) / 1000)
    }
    return this.#aheadMs
  }

  #firstOf(type: string, key: string, database: string): string | null {
    const ask = (...command: string[]): Reply | undefined => this.#bridgeTo(database, [command])[0]
    switch (type) {
      case 'list':
        return ask('LINDEX', key, '0') as string | null
      case 'zset':
        return first(ask('ZRANGE', key, '0', '0'))
      case 'hash':
        return smallest(ask('HKEYS', key))
      case 'set':
        return smallest(ask('SMEMBERS', key))
      default:
        return null
    }
  }
}

const statusText = (reply: Reply | undefined): string =>
  typeof reply === 'object' && reply !== null && 'text' in reply ? reply.text : 'none'

/** By code units; a RESP3 server answers with a set. */
function smallest(reply: Reply | undefined): string | null {
  const names = Array.isArray(reply) ? reply : ((reply as { items?: readonly Reply[] } | undefined)?.items ?? [])
  return (names as readonly string[]).reduce<string | null>(
    (least, name) => (least === null || name < least ? name : least),
    null,
  )
}

const first = (reply: Reply | undefined): string | null =>
  Array.isArray(reply) ? ((reply[0] as string) ?? null) : null
