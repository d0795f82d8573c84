/**
 * What a server would find on its disk if it ended now: the last snapshot, and its append-only file.
 *
 *   command ── memory ──► written: its operating system has it,   ──► synced: it is on the disk,
 *                         so the end of the process loses nothing      so the end of the machine loses nothing
 *
 * `appendfsync everysec` writes before it answers, and syncs in the first turn of a new second of its wall clock, at the latest in
 * the cron after that: what was written since is lost with the power. `always` syncs before it answers, `no` never does by itself.
 *
 * Models          SAVE, BGSAVE and `save` points, whose snapshot is of the moment at which it is begun and is finished at once; the fsync clock
 *                 of 7.0, which counts whole seconds and stands still while the wall clock is behind.
 * Does not model  the bytes of the files and their rewriting; how long a disk takes (a real fsync may be two seconds late); files
 *                 that a loss of power has cut in two.
 *
 * Invariants
 * - Nothing here makes an event: what the clock had the server do since its last turn is found out in the next one (`tick`), for
 *   between two turns no data changes.
 *
 * Source: aof.c (`flushAppendOnlyFile`), server.c (`serverCron`) of Redis 7.0;
 * https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/
 */
import type { MemoryRedis } from '../memory-redis.ts'
import { writeSnapshot } from '../replication/snapshot.ts'
import type { Ending } from './persistence.ts'

/** What was there to be loaded at a start. */
export type Found =
  /** No file, or none that the configuration says to load. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'snapshot'; readonly atMs: number; readonly bytes: string }
  /** An append-only file with everything; to load it is to make all its changes again. */
  | { readonly kind: 'whole log'; readonly changes: number }
  /** One that ends with what was done by then. */
  | { readonly kind: 'log'; readonly atMs: number; readonly bytes: string; readonly changes: number }

/** The state of a server at a moment. */
interface Copy {
  readonly atMs: number
  readonly bytes: string
  /** Since the append-only file began. */
  readonly changes: number
}

/** How often a server looks at what time has made due, ms (`hz 10`). */
const CRON_MS = 100
const SECOND_MS = 1000

export class Disk {
  readonly #server: MemoryRedis
  /** dump.rdb. */
  #snapshot: Copy | null = null
  /** How much of the append-only file is on the disk. */
  #synced: Copy
  /** The second in which that was synced. */
  #syncedSecond: number
  /** The changes of former lives that it holds. */
  #formerChanges = 0
  /** The last turn: data is as it was at its end. */
  #turnMs: number
  #hasEnded = false

  constructor(server: MemoryRedis) {
    this.#server = server
    this.#turnMs = server.nowMs
    this.#syncedSecond = secondOf(this.#turnMs)
    this.#synced = this.#copy(this.#turnMs)
  }

  get #isAppending(): boolean {
    return this.#server.config.get('appendonly') === 'yes'
  }

  /** A turn of the server begins: does what was due since the last one. */
  tick(nowMs: number): void {
    if (this.#hasEnded) return
    if (this.#isAppending && this.#server.config.get('appendfsync') === 'everysec') this.#syncDue(nowMs)
    this.#saveDue(nowMs)
    this.#turnMs = nowMs
  }

  get #isSynced(): boolean {
    return this.#changes === this.#synced.changes
  }

  get #changes(): number {
    return this.#formerChanges + this.#server.changes
  }

  #syncDue(nowMs: number): void {
    if (this.#isSynced) return
    if (secondOf(this.#turnMs) > this.#syncedSecond) {
      this.#sync(this.#turnMs)
      return
    }
    const cronMs = this.#cronAfter((this.#syncedSecond + 1) * SECOND_MS)
    if (cronMs <= nowMs) this.#sync(cronMs)
  }

  #sync(atMs: number): void {
    this.#synced = this.#copy(atMs)
    this.#syncedSecond = secondOf(atMs)
  }

  /** The first `save` point that was reached. */
  #saveDue(nowMs: number): void {
    const server = this.#server
    const points = server.config.get('save')
    if (points === '' || server.unsavedChanges === 0) return
    const dueMs = savePoints(points)
      .filter(({ changes }) => server.unsavedChanges >= changes)
      .map(({ seconds }) =>
        this.#cronAfter(Math.max((secondOf(server.lastSaveMs) + seconds + 1) * SECOND_MS, this.#turnMs)),
      )
    const firstMs = Math.min(...dueMs)
    if (firstMs <= nowMs) server.hasSaved(firstMs)
  }

  /** The first cron at this moment or after it. */
  #cronAfter(ms: number): number {
    const { startedMs } = this.#server
    return startedMs + Math.ceil((ms - startedMs) / CRON_MS) * CRON_MS
  }

  /** A snapshot is written. */
  saved(atMs: number): void {
    this.#snapshot = this.#copy(atMs)
  }

  /** SHUTDOWN: the append-only file is synced to its end. */
  flush(): void {
    if (this.#isAppending) this.#sync(this.#server.nowMs)
  }

  /** The server has ended at this moment. */
  end(atMs: number): void {
    this.tick(atMs)
    this.#hasEnded = true
  }

  /** What it finds then, by the configuration that it starts with. */
  foundAfter(ending: Ending, startsWithLog: boolean): Found {
    if (!startsWithLog) {
      if (this.#snapshot === null) return { kind: 'nothing' }
      const { atMs, bytes } = this.#snapshot
      return { kind: 'snapshot', atMs, bytes }
    }
    const isWhole =
      this.#isAppending &&
      (ending === 'written' || this.#server.config.get('appendfsync') === 'always' || this.#isSynced)
    return isWhole ? { kind: 'whole log', changes: this.#changes } : { kind: 'log', ...this.#synced }
  }

  /** The server has started again, and loaded what it found; `changes`: those that the append-only file told it. */
  startAgain(changes: number): void {
    this.#hasEnded = false
    this.#formerChanges = changes
    this.#turnMs = this.#server.nowMs
    this.#sync(this.#turnMs)
  }

  #copy(atMs: number): Copy {
    const { id = NO_ID, offset = 0 } = this.#server.replication ?? {}
    return { atMs, bytes: writeSnapshot(this.#server, { id, offset }), changes: this.#changes }
  }
}

const NO_ID = '0'.repeat(40)

const secondOf = (ms: number): number => Math.floor(ms / SECOND_MS)

/** `3600 1 300 100`: after so many seconds, if there were so many changes. */
function savePoints(text: string): { readonly seconds: number; readonly changes: number }[] {
  const numbers = text.split(' ').map(Number)
  return numbers.flatMap((seconds, index) => (index % 2 === 0 ? [{ seconds, changes: numbers[index + 1] ?? 0 }] : []))
}
