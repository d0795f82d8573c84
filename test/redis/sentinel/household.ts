/**
 * A primary, two replicas and three Sentinels in memory: time passes in steps of 5 ms, and what is sent arrives in the next one.
 */
import { configurationOf } from '../../../src/redis/config.ts'
import type { MonitorOptions } from '../../../src/redis/sentinel/monitored-primary.ts'
import { Sentinel } from '../../../src/redis/sentinel/sentinel.ts'
import { type Member, Servers } from '../replication/pair.ts'

const STEP_MS = 5

export interface Event {
  readonly atMs: number
  readonly by: string
  readonly channel: string
  readonly text: string
}

export class Household {
  readonly servers = new Servers()
  readonly data = new Map<string, Member>()
  readonly sentinels = new Map<string, { readonly sentinel: Sentinel; readonly member: Member }>()
  readonly events: Event[] = []
  readonly #lookAtMs = new Map<string, number>()
  /** They do nothing, and what comes to them waits. */
  readonly paused = new Set<string>()
  #startMs: number

  constructor(
    monitor: Partial<MonitorOptions> = {},
    settings: Readonly<Record<string, readonly (readonly [string, string])[]>> = {},
    /** Of each Sentinel. */
    own: readonly (readonly [string, string])[] = [],
  ) {
    this.#startMs = this.servers.nowMs
    for (const name of ['redis-1', 'redis-2', 'redis-3']) {
      const member = this.servers.add(name, settings[name] ?? [])
      this.data.set(name, member)
      if (name !== 'redis-1') member.ask('REPLICAOF', 'redis-1', '6379')
    }
    for (const name of ['sentinel-1', 'sentinel-2', 'sentinel-3']) this.#addSentinel(name, monitor, own)
    this.pass(12_000)
  }

  #addSentinel(name: string, monitor: Partial<MonitorOptions>, own: readonly (readonly [string, string])[]): void {
    let made: Sentinel | null = null
    const member = this.servers.join(name, (dial) => {
      made = new Sentinel({
        nowUs: () => this.servers.nowMs * 1000,
        seed: name,
        dial,
        configuration: configurationOf(own),
        address: { host: name, port: 26_379 },
        primaries: [
          {
            ...{ name: 'mymaster', address: { host: 'redis-1', port: 6379 }, quorum: 2 },
            ...{ downAfterMs: 1000, failoverTimeoutMs: 5000, ...monitor },
          },
        ],
        onEvent: (channel, text) => this.events.push({ atMs: this.ms, by: name, channel, text }),
      })
      return made.redis
    })
    this.sentinels.set(name, { sentinel: made as unknown as Sentinel, member })
    this.#lookAtMs.set(name, 0)
  }

  /** Since the beginning. */
  get ms(): number {
    return this.servers.nowMs - this.#startMs
  }

  pass(ms: number): void {
    const untilMs = this.ms + ms
    while (this.ms < untilMs) {
      this.servers.nowMs += STEP_MS
      this.servers.deliver([...this.paused])
      for (const [name, { sentinel }] of this.sentinels) {
        if (this.paused.has(name) || this.ms < (this.#lookAtMs.get(name) ?? 0)) continue
        this.#lookAtMs.set(name, this.ms + sentinel.look())
      }
      if (this.ms % 1000 !== 0) continue
      for (const [name, { server }] of this.data) if (!this.paused.has(name)) server.replication?.cron()
    }
  }

  /** What a new client of a server or of a Sentinel is answered: Sentinels cut those that were there. */
  ask(name: string, ...args: readonly string[]): unknown {
    const member = this.data.get(name) ?? this.sentinels.get(name)?.member
    const { server } = member as Member
    let answer: unknown
    const client = server.connect({
      onReply: (reply) => {
        answer = reply
      },
    })
    client.execute(args)
    client.close()
    return answer
  }

  /** The names of the events that one Sentinel told since a time. */
  channels(by: string, sinceMs: number): readonly string[] {
    return this.events.filter((event) => event.by === by && event.atMs >= sinceMs).map(({ channel }) => channel)
  }
}
