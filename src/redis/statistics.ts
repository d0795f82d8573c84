/**
 * How often commands ran, how long they took and how they failed: what INFO, SLOWLOG and LATENCY tell.
 *
 * Kept only by a server whose commands take time: in a simulated world none does.
 *
 * Source: server.c (`call`, `incrCommandStatsOnError`), slowlog.c, latency.c of Redis 7.0
 */
import type { CommandRow } from './commands/command-row.ts'
import type { Reply } from './reply.ts'
import { Traffic } from './traffic.ts'

interface CommandStatistics {
  calls: number
  us: number
  rejected: number
  failed: number
  /** Durations in whole microseconds, by the power of two that they are below. */
  readonly histogram: number[]
}

export interface SlowEntry {
  readonly id: number
  readonly seconds: number
  readonly us: number
  readonly args: readonly string[]
  readonly address: string
  readonly name: string
}

/** A moment in which an event took long. */
export interface Sample {
  readonly seconds: number
  ms: number
}

export interface Limits {
  /** `slowlog-log-slower-than`; negative: nothing is logged. */
  readonly slowUs: number
  readonly slowEntriesMax: number
  /** `latency-monitor-threshold`; 0: off. */
  readonly latencyMs: number
}

const SHOWN_ARGUMENTS_MAX = 32
const SHOWN_BYTES_MAX = 128
const SAMPLES_MAX = 160
/** What runs scripts: an error that one of their commands has given is not counted once more. */
const RUNNERS: ReadonlySet<string> = new Set(['eval', 'evalsha', 'eval_ro', 'evalsha_ro', 'fcall', 'fcall_ro'])

export class Statistics {
  readonly measureUs: () => number
  traffic = new Traffic()
  errorCount = 0
  #commands = new Map<string, CommandStatistics>()
  #errors = new Map<string, number>()
  #slow: SlowEntry[] = []
  #lastSlowId = 0
  #samples = new Map<string, Sample[]>()
  /** The longest of each event since LATENCY RESET, also of samples that are no longer kept. */
  readonly #highestMs = new Map<string, number>()
  /** As it was when the present script began. */
  #errorsBefore = 0
  /** What was counted last. */
  #lastError = ''

  constructor(measureUs: () => number) {
    this.measureUs = measureUs
  }

  /** A command begins; its time. */
  begin({ name }: CommandRow): number {
    if (RUNNERS.has(name)) this.#errorsBefore = this.errorCount
    return this.measureUs()
  }

  /** It is over. */
  ran(
    { name, command }: CommandRow,
    beganUs: number,
    reply: unknown,
    call: Omit<SlowEntry, 'id' | 'us'>,
    limits: Limits,
  ): void {
    const us = Math.max(0, Math.round(this.measureUs() - beganUs))
    const statistics = this.#of(name)
    statistics.calls++
    statistics.us += us
    const bucket = Math.max(0, 32 - Math.clz32(us))
    statistics.histogram[bucket] = (statistics.histogram[bucket] ?? 0) + 1
    if (isErrorReply(reply)) {
      statistics.failed++
      // A script that ends with the error of its command: that was counted when the command ran.
      const isRepeated = RUNNERS.has(name) && this.errorCount > this.#errorsBefore
      if (!isRepeated || !reply.text.startsWith(this.#lastError)) this.#countError(reply.text)
    }
    if (command.flags.includes('skip_slowlog')) return
    if (limits.slowUs >= 0 && us >= limits.slowUs) this.#log({ ...call, us, id: this.#lastSlowId++ }, limits)
    const ms = Math.floor(us / 1000)
    if (limits.latencyMs > 0 && ms >= limits.latencyMs) {
      this.#sample(command.flags.includes('fast') ? 'fast-command' : 'command', call.seconds, ms)
    }
  }

  /** It was refused before it began; null: there is no such command. */
  rejected(found: CommandRow | null, text: string): void {
    if (found !== null) this.#of(found.name).rejected++
    this.#countError(text)
  }

  #of(name: string): CommandStatistics {
    const known = this.#commands.get(name)
    if (known !== undefined) return known
    const made = { calls: 0, us: 0, rejected: 0, failed: 0, histogram: [] }
    this.#commands.set(name, made)
    return made
  }

  #countError(text: string): void {
    const [code = ''] = text.split(' ')
    this.#lastError = text
    this.errorCount++
    this.#errors.set(code, (this.#errors.get(code) ?? 0) + 1)
  }

  #log(entry: SlowEntry, { slowEntriesMax }: Limits): void {
    this.#slow = [{ ...entry, args: shortened(entry.args) }, ...this.#slow].slice(0, slowEntriesMax)
  }

  #sample(event: string, seconds: number, ms: number): void {
    const samples = this.#samples.get(event) ?? []
    const last = samples.at(-1)
    if (last?.seconds === seconds) last.ms = Math.max(last.ms, ms)
    else samples.push({ seconds, ms })
    this.#samples.set(event, samples.slice(-SAMPLES_MAX))
    this.#highestMs.set(event, Math.max(ms, this.highestMsOf(event)))
  }

  /** The youngest first. */
  get slow(): readonly SlowEntry[] {
    return this.#slow
  }

  forgetSlow(): void {
    this.#slow = []
  }

  samplesOf(event: string): readonly Sample[] {
    return this.#samples.get(event) ?? []
  }

  highestMsOf(event: string): number {
    return this.#highestMs.get(event) ?? 0
  }

  get events(): readonly string[] {
    return [...this.#samples.keys()]
  }

  /** LATENCY RESET of some events, or of all; how many there were. */
  forgetSamples(events: readonly string[]): number {
    const chosen = events.length === 0 ? this.events : events
    for (const event of chosen) this.#highestMs.delete(event)
    return chosen.filter((event) => this.#samples.delete(event)).length
  }

  /** CONFIG RESETSTAT. */
  reset(): void {
    this.#commands = new Map()
    this.#errors = new Map()
    this.errorCount = 0
    this.#errorsBefore = 0
    this.traffic = new Traffic()
  }

  commandLines(): readonly string[] {
    return [...this.#commands].map(([name, { calls, us, rejected, failed }]) => {
      const each = (calls === 0 ? 0 : us / calls).toFixed(2)
      return `cmdstat_${name}:calls=${calls},usec=${us},usec_per_call=${each},rejected_calls=${rejected},failed_calls=${failed}`
    })
  }

  errorLines(): readonly string[] {
    return [...this.#errors]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([code, count]) => `errorstat_${code}:count=${count}`)
  }

  /** `percentiles` as `latency-tracking-info-percentiles` lists them. */
  latencyLines(percentiles: readonly string[]): readonly string[] {
    return [...this.#commands]
      .filter(([, { calls }]) => calls > 0)
      .map(([name, { histogram, calls }]) => {
        const at = (share: number): string => percentile(histogram, calls, share).toFixed(3)
        const values = percentiles.map((percent) => `p${percent}=${at(Number(percent) / 100)}`)
        return `latency_percentiles_usec_${name}:${values.join(',')}`
      })
  }

  /** LATENCY HISTOGRAM of a command or of its subcommands. */
  histogramsOf(name: string | null): readonly (readonly [Reply, Reply])[] {
    return [...this.#commands]
      .filter(([known, { calls }]) => calls > 0 && (name === null || known === name || known.startsWith(`${name}|`)))
      .map(([known, { calls, histogram }]) => [known, histogramReply(calls, histogram)] as const)
  }
}

const isErrorReply = (reply: unknown): reply is { readonly kind: 'error'; readonly text: string } =>
  typeof reply === 'object' && reply !== null && 'kind' in reply && reply.kind === 'error'

function shortened(args: readonly string[]): readonly string[] {
  const hidden = args.length - (SHOWN_ARGUMENTS_MAX - 1)
  const shown = args.length > SHOWN_ARGUMENTS_MAX ? args.slice(0, SHOWN_ARGUMENTS_MAX - 1) : args
  const short = shown.map((arg) =>
    arg.length > SHOWN_BYTES_MAX
      ? `${arg.slice(0, SHOWN_BYTES_MAX)}... (${arg.length - SHOWN_BYTES_MAX} more bytes)`
      : arg,
  )
  return args.length > SHOWN_ARGUMENTS_MAX ? [...short, `... (${hidden} more arguments)`] : short
}

/** The microseconds below which a bucket lies, as Redis prints them: 1, 2, 4, …, 16, 33, 66. */
const bucketUs = (bucket: number): number => Math.floor((1032 * 2 ** bucket - 1) / 1000)

function percentile(histogram: readonly number[], calls: number, share: number): number {
  let count = 0
  for (let bucket = 0; bucket < histogram.length; bucket++) {
    count += histogram[bucket] ?? 0
    if (count >= calls * share) return (1024 * 2 ** bucket) / 1000 - 0.021
  }
  return 0
}

/** Cumulative counts, from the first bucket that has one to the one that has all. */
function histogramReply(calls: number, histogram: readonly number[]): Reply {
  const entries: (readonly [Reply, Reply])[] = []
  let count = 0
  for (let bucket = 0; bucket < histogram.length && count < calls; bucket++) {
    count += histogram[bucket] ?? 0
    if (count > 0) entries.push([bucketUs(bucket), count])
  }
  return {
    kind: 'map',
    entries: [
      ['calls', calls],
      ['histogram_usec', { kind: 'map', entries }],
    ],
  }
}
