/**
 * From lines to units: a script's commands, which MONITOR shows after it, are put to it; and how long before its line each may have
 * begun is worked out, because leases end between the two.
 */
import type { MemoryRedis } from '../redis/memory-redis.ts'
import type { ScriptTexts } from './script-trial.ts'
import type { Sent } from './sent.ts'
import { type Call, callOf, isScriptCall, type Unit } from './unit.ts'

/** MONITOR prints when a command is over; the server looked at its clock when it began: after the line before, and at most this long before. */
const WINDOW_US_MAX = 100_000

export class UnitReader {
  /** Commands of scripts were shown, as Redis does. */
  hasSeenLua = false
  readonly #redis: MemoryRedis
  readonly #texts: ScriptTexts
  readonly #run: (unit: Unit) => void
  readonly #hide: (sent: Sent) => void
  #script: {
    readonly sent: Sent
    readonly commands: Call[]
    beganUs: number | null
    readonly windowUs: number
  } | null = null
  /** When the line before was printed. */
  #previousUs = 0
  /** Clients that have said MULTI: their next commands are shown when EXEC runs them, all at one time. */
  readonly #inMulti = new Set<string>()
  #transaction: { readonly source: string; readonly sinceUs: number } | null = null

  /**
   * @param run told of each unit
   * @param hide told of a script of which nothing is shown, before it is run
   */
  constructor(
    redis: MemoryRedis,
    texts: ScriptTexts,
    { run, hide }: { readonly run: (unit: Unit) => void; readonly hide: (sent: Sent) => void },
  ) {
    this.#redis = redis
    this.#texts = texts
    this.#run = run
    this.#hide = hide
  }

  /** The next line. */
  read(sent: Sent): void {
    if (sent.source === 'lua') {
      this.hasSeenLua = true
      const call = callOf(sent, this.#redis)
      if (this.#script !== null) {
        this.#script.beganUs ??= sent.atUs
        this.#script.commands.push(call)
      } else {
        this.#run({ ...sent, windowUs: WINDOW_US_MAX, source: null, outer: null, isScript: true, commands: [call] })
      }
      this.#previousUs = sent.atUs ?? 0
      return
    }
    this.end()
    const windowUs = this.#windowOf(sent)
    this.#previousUs = sent.atUs ?? 0
    if (sent.args.length === 0) return
    if (isScriptCall(sent.args)) {
      if (/^eval(_ro)?$/i.test(sent.args[0] as string)) this.#texts.add(sent.args[1] ?? '')
      this.#script = { sent, commands: [], beganUs: null, windowUs }
      return
    }
    if (/^script$/i.test(sent.args[0] as string) && /^load$/i.test(sent.args[1] ?? '')) {
      this.#texts.add(sent.args[2] ?? '')
    }
    this.#run({ ...sent, windowUs, outer: sent.args, isScript: false, commands: [callOf(sent, this.#redis)] })
  }

  /** What a script called is over: something else comes, or nothing. */
  end(): void {
    const script = this.#script
    if (script === null) return
    this.#script = null
    const { sent, commands, beganUs, windowUs } = script
    // Redis shows what a script calls. Where nothing of the kind is ever shown, what it called is not known.
    if (commands.length === 0 && !this.hasSeenLua) this.#hide(sent)
    // The clock was read after the script was shown, and before its first command was.
    const atUs = beganUs ?? sent.atUs
    const windowOfRun =
      this.#transaction === null ? (atUs ?? 0) - (sent.atUs ?? 0) : windowUs + (atUs ?? 0) - (sent.atUs ?? 0)
    this.#run({ ...sent, atUs, windowUs: windowOfRun, outer: sent.args, isScript: true, commands })
  }

  /** How long before its line a command may have begun. */
  #windowOf({ atUs, source, args }: Sent): number {
    if (atUs === null || source === null) return 0
    const name = (args[0] ?? '').toLowerCase()
    if (this.#transaction !== null && this.#transaction.source !== source) this.#transaction = null
    if (name === 'multi') this.#inMulti.add(source)
    else if (name === 'exec' || name === 'discard' || name === 'reset') {
      this.#inMulti.delete(source)
      this.#transaction = null
    } else if (this.#inMulti.has(source)) this.#transaction ??= { source, sinceUs: this.#previousUs }
    const passedUs = atUs - (this.#transaction?.sinceUs ?? this.#previousUs)
    // A clock that went back says nothing of how long it was.
    return passedUs < 0 ? WINDOW_US_MAX : Math.min(WINDOW_US_MAX, passedUs)
  }
}
