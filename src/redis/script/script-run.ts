/**
 * What belongs to one run of a script, and what of it survives a restart on a fresh VM.
 *
 * A script that is about to see something history-dependent is run again from its beginning on a fresh VM. Until that
 * moment it was deterministic, so it makes the same calls again: they are answered from the record of the first attempt
 * and do not reach the server twice.
 *
 * Invariant: the host sees every call, every line of log and every question of `shouldKill` exactly once.
 */
import type { Reply } from '../reply.ts'
import type { RandomState } from './drand48.ts'
import type { ScriptHost } from './engine.ts'

/** What `cjson.encode_max_depth` and its relatives set. */
export interface CjsonSettings {
  sparseConvert: boolean
  sparseRatio: number
  sparseSafe: number
  encodeDepthMax: number
  decodeDepthMax: number
  /** 0: an error, 1: as they are, 2: as null. */
  encodeInvalidNumbers: number
  decodeInvalidNumbers: boolean
  keepBuffer: boolean
  precision: number
}

const defaultCjsonSettings = (): CjsonSettings => ({
  sparseConvert: false,
  sparseRatio: 2,
  sparseSafe: 10,
  encodeDepthMax: 1000,
  decodeDepthMax: 1000,
  encodeInvalidNumbers: 0,
  decodeInvalidNumbers: true,
  keepBuffer: true,
  precision: 14,
})

/** As in Redis, the settings of `cjson` belong to the server and last beyond the script; the random state stands for the server. */
const cjsonOf = new WeakMap<RandomState, CjsonSettings>()

/** More answers than this are not kept beyond the run. */
const ANSWERS_KEPT_MAX = 1000

/** Events whose answers are recorded in the first attempt and repeated in the second. */
class Transcript<Answer> {
  #answers: Answer[] = []
  #count = 0
  #known = 0
  #repeated = 0

  clear(): void {
    if (this.#answers.length > ANSWERS_KEPT_MAX) this.#answers = []
    this.#count = 0
    this.#known = 0
    this.#repeated = 0
  }

  restart(): void {
    this.#known = this.#count
    this.#repeated = 0
  }

  /** Whether the next answer is known; then `next` gives it. */
  get isKnown(): boolean {
    return this.#repeated < this.#known
  }

  next(): Answer {
    return this.#answers[this.#repeated++]!
  }

  add(answer: Answer): Answer {
    this.#answers[this.#count++] = answer
    return answer
  }
}

export class ScriptRun {
  resp: 2 | 3 = 2
  isKilled = false
  /** Settings of the modules that `cjson.new` made in this run. */
  readonly extraCjson: CjsonSettings[] = []
  #host: ScriptHost | null = null
  #hi = 0
  #lo = 0
  #cjsonBefore: CjsonSettings | null = null
  readonly #replies = new Transcript<Reply>()
  readonly #log = new Transcript<null>()
  readonly #kills = new Transcript<boolean>()

  get isRunning(): boolean {
    return this.#host !== null
  }

  get random(): RandomState {
    return this.#host!.random
  }

  begin(host: ScriptHost): void {
    this.#host = host
    this.#hi = host.random.hi
    this.#lo = host.random.lo
    this.#cjsonBefore = null
    this.#replies.clear()
    this.#log.clear()
    this.#kills.clear()
    this.#reset()
  }

  /** The script begins again on a fresh VM. */
  restart(): void {
    const { random } = this
    random.hi = this.#hi
    random.lo = this.#lo
    if (this.#cjsonBefore !== null) Object.assign(this.cjson, this.#cjsonBefore)
    this.#replies.restart()
    this.#log.restart()
    this.#kills.restart()
    this.#reset()
  }

  end(): void {
    this.#host = null
  }

  #reset(): void {
    this.resp = 2
    this.isKilled = false
    if (this.extraCjson.length > 0) this.extraCjson.length = 0
  }

  call(args: readonly string[]): Reply {
    return this.#replies.isKnown ? this.#replies.next() : this.#replies.add(this.#host!.call(args))
  }

  /** Nothing that a script may do changes the answer. */
  mayCall(args: readonly string[]): boolean | null {
    return this.#host!.mayCall(args)
  }

  log(level: number, message: string): void {
    if (this.#log.isKnown) this.#log.next()
    else {
      this.#host!.log(level, message)
      this.#log.add(null)
    }
  }

  shouldKill(): boolean {
    return this.#kills.isKnown ? this.#kills.next() : this.#kills.add(this.#host!.shouldKill())
  }

  setResp(version: 2 | 3): void {
    this.resp = version
    this.#host!.setResp(version)
  }

  /** The settings of the server's own `cjson`. */
  get cjson(): CjsonSettings {
    const known = cjsonOf.get(this.random)
    if (known !== undefined) return known
    const settings = defaultCjsonSettings()
    cjsonOf.set(this.random, settings)
    return settings
  }

  /** Before the server's settings change. */
  keepCjson(): void {
    this.#cjsonBefore ??= { ...this.cjson }
  }

  /** Settings for one more module; answers its number. */
  addCjson(): number {
    return this.extraCjson.push(defaultCjsonSettings()) - 1
  }
}
