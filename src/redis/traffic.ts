/**
 * What passes a server's connections, and how often replicas were brought up to date: counts and rates of INFO stats.
 *
 * Kept only by a server whose commands take time, as all statistics are: see `statistics.ts`.
 *
 * Source: server.c (`trackInstantaneousMetric`, `genRedisInfoString`), networking.c, replication.c of Redis 7.0
 */

/** A rate is the mean of so many samples, which are taken ten times a second. */
const SAMPLES = 16

class Rate {
  readonly #samples = new Array<number>(SAMPLES).fill(0)
  #next = 0
  #last: { readonly atMs: number; readonly count: number } | null = null

  sample(atMs: number, count: number): void {
    const last = this.#last
    this.#last = { atMs, count }
    if (last === null) return
    const ms = atMs - last.atMs
    this.#samples[this.#next] = ms > 0 ? Math.max(0, Math.floor(((count - last.count) * 1000) / ms)) : 0
    this.#next = (this.#next + 1) % SAMPLES
  }

  get perSecond(): number {
    return Math.floor(this.#samples.reduce((sum, each) => sum + each, 0) / SAMPLES)
  }
}

export class Traffic {
  inputBytes = 0
  outputBytes = 0
  /** Of the stream of a primary and its snapshots: what this server is sent as a replica, and what it sends to replicas. */
  streamInputBytes = 0
  streamOutputBytes = 0
  readCount = 0
  writeCount = 0
  /** Replicas that began anew, that went on where they were, that could not. */
  fullSyncCount = 0
  partialSyncCount = 0
  refusedSyncCount = 0
  readonly #commands = new Rate()
  readonly #input = new Rate()
  readonly #output = new Rate()
  readonly #streamInput = new Rate()
  readonly #streamOutput = new Rate()

  /** A client sent something. */
  read(bytes: number): void {
    this.readCount++
    this.inputBytes += bytes
  }

  /** A primary sent a part of its stream. */
  readStream(bytes: number): void {
    this.readCount++
    this.streamInputBytes += bytes
  }

  /** A primary sent a snapshot, which is read past the other counts. */
  readSnapshot(bytes: number): void {
    this.streamInputBytes += bytes
  }

  /** Something was sent to a client, or to a replica. */
  wrote(bytes: number, toReplica: boolean): void {
    this.writeCount++
    if (toReplica) this.streamOutputBytes += bytes
    else this.outputBytes += bytes
  }

  /** Ten times a second; `commandCount`: since the start. */
  sample(nowMs: number, commandCount: number): void {
    this.#commands.sample(nowMs, commandCount)
    this.#input.sample(nowMs, this.inputBytes + this.streamInputBytes)
    this.#output.sample(nowMs, this.outputBytes + this.streamOutputBytes)
    this.#streamInput.sample(nowMs, this.streamInputBytes)
    this.#streamOutput.sample(nowMs, this.streamOutputBytes)
  }

  get commandsPerSecond(): number {
    return this.#commands.perSecond
  }

  lines(): readonly string[] {
    const kilobytes = ({ perSecond }: Rate): string => (perSecond / 1024).toFixed(2)
    return [
      `total_net_input_bytes:${this.inputBytes + this.streamInputBytes}`,
      `total_net_output_bytes:${this.outputBytes + this.streamOutputBytes}`,
      `total_net_repl_input_bytes:${this.streamInputBytes}`,
      `total_net_repl_output_bytes:${this.streamOutputBytes}`,
      `instantaneous_input_kbps:${kilobytes(this.#input)}`,
      `instantaneous_output_kbps:${kilobytes(this.#output)}`,
      `instantaneous_input_repl_kbps:${kilobytes(this.#streamInput)}`,
      `instantaneous_output_repl_kbps:${kilobytes(this.#streamOutput)}`,
      `sync_full:${this.fullSyncCount}`,
      `sync_partial_ok:${this.partialSyncCount}`,
      `sync_partial_err:${this.refusedSyncCount}`,
      `total_reads_processed:${this.readCount}`,
      `total_writes_processed:${this.writeCount}`,
    ]
  }
}
