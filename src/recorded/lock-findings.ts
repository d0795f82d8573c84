/**
 * What is said of lock keys: who changed another's, which never end, which were asked for after their end. Of a key of which it is
 * not sure that it is a lock what is said waits until it is; at the end it is said as unknown, or, of no lock, not at all.
 */
import type { Cause } from '../check/cause.ts'
import { whyOf } from '../words/sentence.ts'
import { type Grant, type LockKey, PAST_MAX } from './lock-key.ts'
import type { ScriptTexts } from './script-trial.ts'
import type { Shown } from './told.ts'
import { isDelete, tokensOf, type Unit } from './unit.ts'
import type { Connections, Identity } from './who.ts'

/** Ends are whole milliseconds, and a key is gone after its last one. */
export const EDGE_MS = 2
const EARLY_MAX = 1_000
/** A lock without an expiry is told when the recording goes on this long after it was taken. */
const EXPIRY_WAIT_US = 1_000_000

export class LockFindings {
  /** Lock keys, and grants of them. */
  locks = 0
  grants = 0
  /** Keys that were taken, of which it is not known whether they are locks. */
  unjudged = 0
  readonly #server: string
  readonly #nameOf: (token: string) => string
  readonly #tell: (shown: Shown) => void
  readonly #texts: ScriptTexts
  readonly #connections: Connections
  readonly #toldEndless = new WeakSet<LockKey>()
  /** What is said when the recording is over. */
  readonly #early: (() => void)[] = []

  constructor(
    server: string,
    {
      nameOf,
      tell,
      texts,
      connections,
    }: {
      readonly nameOf: (token: string) => string
      readonly tell: (shown: Shown) => void
      readonly texts: ScriptTexts
      readonly connections: Connections
    },
  ) {
    this.#server = server
    this.#nameOf = nameOf
    this.#tell = tell
    this.#texts = texts
    this.#connections = connections
  }

  /** The recording is over: which connections were whose is known as well as it will be. */
  sayEarly(): void {
    for (const say of this.#early.splice(0)) say()
  }

  /** A client that is not known to have the lock changed its key. */
  changed(key: LockKey, grant: Grant, unit: Unit, how: 'deleted' | 'extended' | 'overwritten', who: Identity): void {
    if (who === 'same' || (unit.source === null && how !== 'overwritten')) return
    const by = unit.source ?? 'a command'
    const what = `${by} ${how} ${JSON.stringify(key.key)} of ${this.who(grant.source, grant.token)}`
    const places = [grant.place, unit.place]
    // A script that is not in the recording may have asked.
    const isHidden = unit.isScript && (unit.outer === null || this.#texts.textOf(unit.outer) === null)
    const say = (identity: Identity): void => {
      if (identity === 'same') return
      if (identity === 'other' && !isHidden) {
        const cause: Cause = { kind: 'token-not-compared', by, how }
        const sentence = `${what}. ${whyOf({ cause })}`
        this.say(key, { property: 'foreign-release', status: 'violated', sentence, places, cause })
        return
      }
      const because =
        identity === 'other'
          ? 'whether its script asked whose it is is not known: it is not in the recording'
          : identity.because
      this.say(key, { property: 'foreign-release', status: 'unknown', sentence: `${what}: ${because}`, places })
    }
    const isEarly = typeof who === 'object' && who.isEarly === true && this.#early.length < EARLY_MAX
    if (isEarly) this.#early.push(() => say(this.#connections.compare(grant.source, unit.source)))
    else say(who)
  }

  /** FLUSHALL or FLUSHDB took it. */
  flushed(key: LockKey, grant: Grant, unit: Unit, who: Identity): void {
    if (who === 'same') return
    const cause: Cause = {
      kind: 'redis-lost-it',
      client: grant.source ?? 'its holder',
      ends: [{ node: this.#server, how: 'flush' }],
      votes: null,
    }
    this.say(key, {
      property: 'foreign-release',
      status: who === 'other' ? 'violated' : 'unknown',
      sentence: `${JSON.stringify(key.key)} of ${this.who(grant.source, grant.token)} was flushed while it was live${who === 'other' ? `. ${whyOf({ cause })}` : `: ${who.because}`}`,
      places: [grant.place, unit.place],
      cause,
    })
  }

  /** The key is asked for with a token whose lease is over: how long its holder had gone on using it the server cannot see. */
  usedLate(key: LockKey, unit: Unit): void {
    if (unit.atUs === null || key.hasSharedToken || key.past.length === 0) return
    const shown = tokensOf(unit)
    const isPlain = unit.commands.some((call) => isDelete(call) || /^p?expire(at)?$/.test(call.name))
    if (!unit.isScript && !isPlain) return
    const identity = this.#texts.identity(unit)
    const late = key.past.findLast(
      ({ token, source, takenBy }) =>
        token !== key.grant?.token &&
        (unit.isScript ? shown.includes(token) && takenBy !== identity : source === unit.source),
    )
    if (late === undefined || late.isToldLate || late.untilUs === null) return
    if (late.endedBy !== 'expired' && late.endedBy !== 'taken' && late.endedBy !== 'forgotten') return
    const lateUs = unit.atUs - late.untilUs
    if (lateUs <= EDGE_MS * 1_000 + unit.windowUs) return
    late.isToldLate = true
    const how = late.endedBy === 'expired' ? 'its lease had ended' : 'it had lost it'
    const next = key.grant === null ? '' : `, when ${this.who(key.grant.source, key.grant.token)} had it`
    this.say(key, {
      property: 'overstated-lease',
      status: 'unknown',
      sentence: `${this.who(unit.source, late.token)} asked for ${JSON.stringify(key.key)} ${Math.round(lateUs / 1_000)} ms after ${how}${next}: whether it had used it until then no server can say (--belief and --effect can)`,
      places: [late.place, unit.place],
    })
  }

  /** Its key never had an expiry. */
  endless(key: LockKey, grant: Grant, lastUs: number): void {
    if (this.#toldEndless.has(key)) return
    const isOpen = grant.endedBy === null
    const sinceUs = grant.fromUs === null ? 0 : lastUs - grant.fromUs
    const isSure = !isOpen || sinceUs >= EXPIRY_WAIT_US
    this.#toldEndless.add(key)
    const owner = this.who(grant.source, grant.token)
    const cause: Cause = { kind: 'no-expiry', owner, hasEnded: false }
    this.say(key, {
      property: 'dead-lock',
      status: isSure ? 'violated' : 'unknown',
      sentence: isSure
        ? `${JSON.stringify(key.key)} has no expiry: if its holder dies it is locked for ever. ${whyOf({ cause })}`
        : `${JSON.stringify(key.key)} has no expiry where the recording ends: one may follow`,
      places: [grant.place, ...(grant.endPlace === null ? [] : [grant.endPlace])],
      ...(isSure ? { cause } : {}),
    })
  }

  /** It is likely, or sure, that the key is a lock. */
  learn(key: LockKey, kind: 'likely' | 'sure'): void {
    if (key.kind === 'sure') return
    key.kind = kind
    if (kind === 'likely') return
    for (const shown of key.pending.splice(0)) this.#tell(shown)
  }

  say(key: LockKey, shown: Shown): void {
    if (key.kind === 'sure') this.#tell(shown)
    else if (key.pending.length < PAST_MAX) key.pending.push(shown)
  }

  /** No more is learned of a key. */
  settle(key: LockKey): void {
    const count = key.grantCount
    if (key.kind === 'no') {
      if (count > 0) this.unjudged += 1
      return
    }
    this.locks += 1
    this.grants += count
    for (const shown of key.pending.splice(0)) {
      const sentence =
        shown.status === 'unknown'
          ? shown.sentence
          : `${shown.sentence} Whether that key is a lock is not certain, because no release shows its token: --keys says so`
      this.#tell({ ...shown, status: 'unknown', sentence })
    }
  }

  who(source: string | null, token: string): string {
    return source === null ? this.#nameOf(token) : `${source} (${this.#nameOf(token)})`
  }
}
