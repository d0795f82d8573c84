/**
 * Trouble for a real server, made over the bridge's own connection, as an operator would make it.
 *
 * - An eviction is a DEL: Redis's `performEvictions` deletes the key with `dbGenericDelete` and tells the clients that watch it,
 *   tracks or replicates it, exactly as DEL does. Only INFO's `evicted_keys` and the name of the keyspace event differ,
 *   and which key goes is the fault's choice instead of a random sample's.
 * - Out of memory is `maxmemory 1`: the server alone is above that, and by default it may evict nothing.
 * - Read only is a replica without a primary: its primary's port is closed, so it never gets other data.
 * - A right is taken from the default user, who is the bridge, too: none that the bridge needs to look at keys and to give it back.
 * - Unable to save is a snapshot that failed, because the preload library refuses to fork.
 *
 * Does not model  LOADING: a real server is loading only while it starts, and then for real time. BUSY: it would refuse the bridge, too.
 */
import { isError, type Reply } from '../../redis/reply.ts'
import { assertNever } from '../../sim/assert.ts'
import { type RefusingState, rightRule, type Trouble, type TroubleName, UNKNOWN_PASSWORD } from '../trouble.ts'
import type { Bridge } from './bridge.ts'
import type { RedisProcess } from './redis-process.ts'

/** What no server that lockstorm runs can have. */
export const LACKED_BY_SERVERS: readonly TroubleName[] = ['loading', 'busy']

/** A snapshot is due after this many seconds and changes: never, but snapshots are on. */
const NEVER_SAVE = '2147483647 2147483647'

export class ServerTroubles {
  readonly #bridge: Bridge
  readonly #process: RedisProcess
  /** The server is no longer as good as a fresh one. */
  isSpoilt = false

  constructor(bridge: Bridge, process: RedisProcess) {
    this.#bridge = bridge
    this.#process = process
  }

  /** Makes it happen; answers why it cannot, or null. */
  suffer(trouble: Trouble): string | null {
    switch (trouble.kind) {
      case 'script-flush':
        return this.#do(['SCRIPT', 'FLUSH'])
      case 'flush':
        return this.#do(['FLUSHALL'])
      case 'evict':
        return this.#do(['DEL', trouble.key])
      case 'state':
        return this.#setState(trouble.state, trouble.isOn)
      case 'right':
        this.isSpoilt = true
        return this.#do(['ACL', 'SETUSER', 'default', rightRule(trouble)])
      default:
        return assertNever(trouble)
    }
  }

  #setState(state: RefusingState, isOn: boolean): string | null {
    this.isSpoilt = true
    switch (state) {
      case 'oom':
        return this.#do(['CONFIG', 'SET', 'maxmemory', isOn ? '1' : '0'])
      case 'read-only':
        return this.#do(isOn ? ['REPLICAOF', '127.0.0.1', '1'] : ['REPLICAOF', 'NO', 'ONE'])
      case 'misconf':
        return isOn ? this.#failToSave() : this.#do(['CONFIG', 'SET', 'save', ''])
      case 'no-auth':
        return this.#do(['CONFIG', 'SET', 'requirepass', isOn ? UNKNOWN_PASSWORD : ''])
      case 'loading':
        return 'a real server is loading only while it starts, and nothing makes that last for a virtual time'
      case 'busy':
        return 'a real server that runs a script for ever refuses to say what its keys are, too'
      default:
        return assertNever(state)
    }
  }

  #failToSave(): string | null {
    const { clock } = this.#process
    if (clock === null) return 'without the preload library nothing makes the snapshots of a real server fail'
    const why = this.#do(['CONFIG', 'SET', 'save', NEVER_SAVE])
    if (why !== null) return why
    clock.refuseForks(true)
    const [answer] = this.#bridge.ask([['BGSAVE']])
    clock.refuseForks(false)
    return isError(answer as Reply) ? null : 'this server can save although it cannot fork'
  }

  /** Runs one command, and lets all connections hear what it made the server say. */
  #do(command: readonly string[]): string | null {
    const answer = this.#bridge.command(command)
    this.#bridge.wakeListeners()
    if (answer === undefined) return 'it takes no writes while a replica takes its place'
    return isError(answer)
      ? `${command.slice(0, 2).join(' ')} was answered ${JSON.stringify((answer as { text: string }).text)}`
      : null
  }
}
