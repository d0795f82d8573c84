/**
 * Server evidence: what servers executed (MONITOR, append-only files), replayed side by side in the order of their times.
 *
 * Recordings of several servers are taken for servers that followed each other (a primary, and the replica that was promoted): one
 * key given to two clients, by two of them, while neither grant was over, is a violation. Where one token was taken on several they are
 * the nodes of a quorum lock, and that is not judged.
 */
import { endUs, type Grant, type LockKey } from './lock-key.ts'
import type { Sent, ServerEvent, ServerRecording } from './sent.ts'
import { ServerReplay } from './server-replay.ts'
import { nameOfToken, type Shown, ShownList } from './told.ts'
import { isDelete, isScriptCall, scriptKeys } from './unit.ts'

export interface ServerSettings {
  /** Globs of the keys that are locks; none: they are learned. */
  readonly keys: readonly string[]
  /** Each client has one connection. */
  readonly isOneEach: boolean
  readonly hash: (token: string) => string
  /** By how much the clocks of two servers may differ. */
  readonly errorMs: number
}

/** How long a token was in its key, as a server shows it. */
export interface Backing {
  readonly key: string
  readonly server: string
  readonly place: string
  readonly fromUs: number
  readonly slackUs: number
  /** Null: as far as the recording goes. */
  readonly untilUs: number | null
  readonly endedBy: Grant['endedBy']
  readonly endPlace: string | null
}

/** What was read. */
export interface Served {
  readonly servers: number
  readonly commands: number
  readonly locks: number
  readonly grants: number
  readonly shown: readonly Shown[]
  readonly moreCount: number
  /** What the evidence does not tell. */
  readonly notes: readonly string[]
}

/**
 * Judges what servers executed.
 * @param backed told of each grant, when it is over
 * @throws UsageError at a line that is wrong
 */
export async function judgeServers(
  recordings: readonly ServerRecording[],
  settings: ServerSettings,
  backed: ((token: string, backing: Backing) => void) | null = null,
): Promise<Served> {
  const list = new ShownList()
  const between = new Between(settings)
  const replays = recordings.map((recording) => {
    const replay: ServerReplay = new ServerReplay(
      recording,
      {
        keys: settings.keys,
        isOneEach: settings.isOneEach,
        nameOf: (token) => nameOfToken(settings.hash(token)),
      },
      {
        tell: (shown) => list.add(shown),
        ended: (key, grant) => {
          if (recordings.length > 1) between.ended(replay, key, grant)
          if (backed !== null && grant.isOwnTake && grant.fromUs !== null) {
            const { fromUs, slackUs, endedBy, endPlace, place, token } = grant
            const untilUs = endUs(grant)
            backed(token, { key: key.key, server: recording.name, place, fromUs, slackUs, untilUs, endedBy, endPlace })
          }
        },
      },
    )
    return replay
  })
  between.replays = replays
  for await (const { index, event } of inOrder(recordings)) {
    const replay = replays[index] as ServerReplay
    if ('gap' in event) replay.gap()
    else {
      if (replays.length > 1) between.asked(replay, event)
      replay.apply(event)
    }
  }
  for (const replay of replays) replay.endScript()
  for (const replay of replays) replay.finish()
  for (const shown of between.shown()) list.add(shown)
  const sum = (of: (replay: ServerReplay) => number): number => replays.reduce((all, replay) => all + of(replay), 0)
  return {
    servers: replays.length,
    commands: sum(({ commands }) => commands),
    locks: sum(({ findings }) => findings.locks),
    grants: sum(({ findings }) => findings.grants),
    shown: list.all,
    moreCount: list.moreCount,
    notes: [...replays.flatMap(notesOf), ...between.notes()],
  }
}

function notesOf(replay: ServerReplay): string[] {
  const { recording, gaps, hidesScripts } = replay
  const { unjudged } = replay.findings
  const { name, kind } = recording
  return [
    ...(kind === 'aof'
      ? [`${name}: an append-only file names no clients, so who released or prolonged a lock is not judged`]
      : []),
    ...(unjudged > 0
      ? [
          `${name}: ${unjudged} keys were taken, and given back by no client that took them; --keys says which are locks`,
        ]
      : []),
    ...(gaps > 0
      ? [`${name}: ${gaps} times another recording begins in it; what was in the keys then is not known`]
      : []),
    ...(hidesScripts ? [`${name}: what scripts called is not in it, so what they left in the keys is not known`] : []),
  ]
}

/** The events of all servers, the earliest first; each server's own order stays. */
async function* inOrder(
  recordings: readonly ServerRecording[],
): AsyncGenerator<{ readonly index: number; readonly event: ServerEvent }, void> {
  const [only] = recordings
  if (recordings.length === 1 && only !== undefined) {
    for await (const event of only.events) yield { index: 0, event }
    return
  }
  const iterators = recordings.map(({ events }) => events[Symbol.asyncIterator]())
  const heads = await Promise.all(iterators.map((iterator) => iterator.next()))
  for (;;) {
    let first = -1
    let firstUs = Number.POSITIVE_INFINITY
    for (const [index, head] of heads.entries()) {
      if (head.done === true) continue
      const event = head.value
      const atUs = 'gap' in event ? Number.NEGATIVE_INFINITY : (event.atUs ?? Number.NEGATIVE_INFINITY)
      if (first !== -1 && atUs >= firstUs) continue
      first = index
      firstUs = atUs
    }
    const head = heads[first]
    if (head === undefined || head.done === true) return
    yield { index: first, event: head.value }
    heads[first] = await (iterators[first] as AsyncIterator<ServerEvent>).next()
  }
}

interface Overlap {
  readonly keys: readonly [LockKey, LockKey]
  readonly first: Grant
  readonly second: Grant
  readonly ms: number
}

const FOUND_MAX = 1_000

/** Grants of one key by several servers. */
class Between {
  replays: readonly ServerReplay[] = []
  readonly #settings: ServerSettings
  readonly #found: Overlap[] = []
  /** Keys whose locks have a token on several servers. */
  readonly #quorum = new Set<string>()
  /** Keys whose tokens are in files of several servers: by a copy, or by a quorum lock. */
  readonly #copied = new Set<string>()
  #hasNoTimes = false

  constructor(settings: ServerSettings) {
    this.#settings = settings
  }

  /** A client asks this server to release, or to prolong: then it does not believe in what another has given it. */
  asked(replay: ServerReplay, { args, database, atUs, source }: Sent): void {
    const isScript = isScriptCall(args)
    if (atUs === null || source === 'lua' || (!isScript && !isDelete({ name: (args[0] ?? '').toLowerCase() }))) return
    for (const other of this.replays) {
      if (other === replay) continue
      for (const name of isScript ? scriptKeys(args) : args.slice(1)) {
        const grant = other.find(`${database} ${name}`)?.grant
        // A plain delete shows no token, so it may be any holder's.
        if (grant !== null && grant !== undefined && (!isScript || args.includes(grant.token))) grant.gaveUpUs ??= atUs
      }
    }
  }

  /** Compares a grant that is over with what the other servers had given by then. */
  ended(replay: ServerReplay, key: LockKey, grant: Grant): void {
    for (const other of this.replays) {
      if (other === replay) continue
      const there = other.find(key.id)
      if (there === undefined) continue
      const grants = there.grant === null ? there.past : [...there.past, there.grant]
      for (const each of grants) {
        if (each.token === grant.token) {
          if (!each.isOwnTake || !grant.isOwnTake) continue
          const isTold = replay.recording.kind === 'monitor' && other.recording.kind === 'monitor'
          if (isTold) this.#quorum.add(key.id)
          else this.#copied.add(key.id)
        } else if (each !== there.grant) this.#compare(key, there, grant, each)
      }
    }
  }

  #compare(key: LockKey, there: LockKey, one: Grant, two: Grant): void {
    if (!one.isOwnTake || !two.isOwnTake) return
    if (one.fromUs === null || two.fromUs === null) {
      this.#hasNoTimes = true
      return
    }
    if (one.endedBy === 'unsure' || two.endedBy === 'unsure') return
    const [first, second] = one.fromUs <= two.fromUs ? [one, two] : [two, one]
    const fromUs = (second.fromUs as number) + second.slackUs
    const untilUs = Math.min(
      ...[endUs(first), endUs(second), first.gaveUpUs, second.gaveUpUs].map((us) => us ?? Number.POSITIVE_INFINITY),
    )
    const ms = (untilUs - fromUs - Math.max(first.windowUs, second.windowUs)) / 1_000
    if (!Number.isFinite(ms) || ms <= 0) return
    if (this.#found.length < FOUND_MAX) this.#found.push({ keys: [key, there], first, second, ms })
  }

  /** What is not a matter of a quorum. */
  shown(): readonly Shown[] {
    return this.#found.flatMap(({ keys, first, second, ms }) => {
      const [{ id, key }] = keys
      if (this.#quorum.has(id)) return []
      const both = `${JSON.stringify(key)} was given to ${this.#who(first)} by one server and to ${this.#who(second)} by another, ${Math.round(ms)} ms of both leases at once: the second server did not know of the first grant`
      const doubt =
        ms <= this.#settings.errorMs
          ? `that is not longer than their clocks may differ (${this.#settings.errorMs} ms)`
          : this.#copied.has(id)
            ? 'if this is no quorum lock, which append-only files do not tell'
            : keys.some(({ kind }) => kind === 'sure')
              ? null
              : 'whether the key is a lock is not certain (--keys)'
      return [
        {
          property: 'mutual-exclusion' as const,
          status: doubt === null ? ('violated' as const) : ('unknown' as const),
          sentence: doubt === null ? both : `${both}; ${doubt}`,
          places: [first.place, second.place],
        },
      ]
    })
  }

  #who({ source, token }: Grant): string {
    const shown = nameOfToken(this.#settings.hash(token))
    return source === null ? shown : `${source} (${shown})`
  }

  notes(): readonly string[] {
    return [
      ...(this.#quorum.size > 0
        ? [
            `${this.#quorum.size} keys are taken on several servers with one token, as quorum locks do: grants by different servers are not compared`,
          ]
        : []),
      ...(this.#hasNoTimes
        ? ['a recording has no times (aof-timestamp-enabled), so its grants are not compared with those of others']
        : []),
    ]
  }
}
