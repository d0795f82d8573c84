/**
 * LATENCY DOCTOR: what is unusual about the events that took long, and what may help, in Redis's own words.
 *
 * Does not model  events that no server in memory has (forks, the disk, cycles of expiry and eviction), and huge pages.
 *
 * Source: latency.c (`createLatencyReport`, `analyzeLatencyForEvent`) of Redis 7.0
 */
import type { Sample } from './statistics.ts'

const NOT_MONITORED =
  "I'm sorry, Dave, I can't do that. Latency monitoring is disabled in this Redis instance. You may use \"CONFIG SET latency-monitor-threshold <milliseconds>.\" in order to enable it. If we weren't in a deep space mission I'd suggest to take a look at https://redis.io/topics/latency-monitor.\n"
const NOTHING =
  'Dave, no latency spike was observed during the lifetime of this Redis instance, not in the slightest bit. I honestly think you ought to sit down calmly, take a stress pill, and think things over.\n'
const GREETING =
  "Dave, I have observed latency spikes in this Redis instance. You don't mind talking about it, do you Dave?\n\n"
const ADVICES = '\nI have a few advices for you:\n\n'
const INSPECT_LOG =
  '- Check your Slow Log to understand what are the commands you are running which are too slow to execute. Please check https://redis.io/commands/slowlog for more information.\n'
const SCHEDULER = `- The system is slow to execute Redis code paths not containing system calls. This usually means the system does not provide Redis CPU time to run for long periods. You should try to:
  1) Lower the system load.
  2) Use a computer / VM just for Redis if you are running other software in the same system.
  3) Check if you have a "noisy neighbour" problem.
  4) Check with 'redis-cli --intrinsic-latency 100' what is the intrinsic latency in your system.
  5) Check if the problem is allocator-related by recompiling Redis with MALLOC=libc, if you are using Jemalloc. However this may create fragmentation problems.
`
const LARGE_OBJECTS =
  '- Deleting, expiring or evicting (because of maxmemory policy) large objects is a blocking operation. If you have very large objects that are often deleted, expired, or evicted, try to fragment those objects into multiple smaller objects.\n'
const enableLog = (us: number): string =>
  `- There are latency issues with potentially slow commands you are using. Try to enable the Slow Log Redis feature using the command 'CONFIG SET slowlog-log-slower-than ${us}'. If the Slow log is disabled Redis is not able to log slow commands execution for you.\n`
const tuneLog = (us: number): string =>
  `- Your current Slow Log configuration only logs events that are slower than your configured latency monitor threshold. Please use 'CONFIG SET slowlog-log-slower-than ${us}'.\n`

/** What took long. */
export interface LatencyEvent {
  readonly name: string
  readonly samples: readonly Sample[]
  /** Since the last reset, also of samples that are no longer kept. */
  readonly highestMs: number
}

interface Circumstances {
  readonly nowSeconds: number
  /** `latency-monitor-threshold` and `slowlog-log-slower-than`. */
  readonly latencyMs: number
  readonly slowUs: number
}

export function latencyReport(events: readonly LatencyEvent[], circumstances: Circumstances): string {
  if (events.length === 0) return circumstances.latencyMs === 0 ? NOT_MONITORED : NOTHING
  const lines = events.map((event, index) => `${index + 1}. ${describe(event, circumstances.nowSeconds)}\n`)
  return [GREETING, ...lines, ADVICES, ...advices(new Set(events.map(({ name }) => name)), circumstances)].join('')
}

function describe({ name, samples, highestMs }: LatencyEvent, nowSeconds: number): string {
  const mean = (values: readonly number[]): number =>
    Math.floor(values.reduce((sum, value) => sum + value, 0) / values.length)
  const averageMs = mean(samples.map(({ ms }) => ms))
  const deviationMs = mean(samples.map(({ ms }) => Math.abs(averageMs - ms)))
  const periodS = nowSeconds - Math.min(...samples.map(({ seconds }) => seconds)) || 1
  const each = (periodS / samples.length).toFixed(2)
  return `${name}: ${samples.length} latency spikes (average ${averageMs}ms, mean deviation ${deviationMs}ms, period ${each} sec). Worst all time event ${highestMs}ms.`
}

function advices(names: ReadonlySet<string>, { latencyMs, slowUs }: Circumstances): readonly string[] {
  const hasSlow = names.has('command')
  const isTooPatient = slowUs >= 0 && Math.floor(slowUs / 1000) > latencyMs
  return [
    ...(hasSlow && slowUs < 0 ? [enableLog(latencyMs * 1000)] : []),
    ...(hasSlow && isTooPatient ? [tuneLog(latencyMs * 1000)] : []),
    ...(hasSlow ? [INSPECT_LOG] : []),
    ...(names.has('fast-command') ? [SCHEDULER] : []),
    ...(hasSlow ? [LARGE_OBJECTS] : []),
  ]
}
