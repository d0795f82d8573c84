/**
 * ACL LOG: what was refused lately, like things counted together.
 *
 * Source: acl.c (`addACLLogEntry`) of Redis 7.0; https://redis.io/docs/latest/commands/acl-log/
 */

/** Entries as young as this are counted together. */
const GROUPED_MS_MAX = 60_000
/** Among so many of the youngest. */
const GROUPED_MAX = 10

export interface AccessLogEntry {
  readonly reason: 'command' | 'key' | 'channel' | 'auth'
  readonly context: 'toplevel' | 'multi' | 'lua'
  /** The command, key or channel. */
  readonly object: string
  readonly user: string
  /** As CLIENT INFO shows the client. */
  client: string
  atMs: number
  count: number
}

export class AccessLog {
  #entries: AccessLogEntry[] = []

  /** The youngest first. */
  get entries(): readonly AccessLogEntry[] {
    return this.#entries
  }

  add(entry: AccessLogEntry, lengthMax: number): void {
    const like = this.#entries.slice(0, GROUPED_MAX).find((other) => isAlike(other, entry))
    if (like === undefined) this.#entries = [entry, ...this.#entries].slice(0, lengthMax)
    else {
      like.client = entry.client
      like.atMs = entry.atMs
      like.count++
      this.#entries = [like, ...this.#entries.filter((other) => other !== like)]
    }
  }

  clear(): void {
    this.#entries = []
  }
}

const isAlike = (a: AccessLogEntry, b: AccessLogEntry): boolean =>
  a.reason === b.reason &&
  a.context === b.context &&
  a.object === b.object &&
  a.user === b.user &&
  Math.abs(a.atMs - b.atMs) <= GROUPED_MS_MAX
