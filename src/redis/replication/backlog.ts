/**
 * The backlog: the last bytes of the stream, for replicas that were away for a while.
 *
 * Source: replication.c (`createReplicationBacklog`, `addReplyReplicationBacklog`) of Redis 7.0
 */

export class Backlog {
  /** The offset of its first byte. */
  #firstOffset: number
  #bytes = ''

  /** `offset`: the last byte that was sent before. */
  constructor(offset: number) {
    this.#firstOffset = offset + 1
  }

  get firstOffset(): number {
    return this.#firstOffset
  }

  get length(): number {
    return this.#bytes.length
  }

  /** Adds bytes, and lets those go that are more than `sizeMax`. */
  add(bytes: string, sizeMax: number): void {
    this.#bytes += bytes
    const surplus = this.#bytes.length - sizeMax
    if (surplus <= 0) return
    this.#bytes = this.#bytes.slice(surplus)
    this.#firstOffset += surplus
  }

  /** Everything from this offset on; null: it is not known any more, or not yet. */
  from(offset: number): string | null {
    if (offset < this.#firstOffset || offset > this.#firstOffset + this.#bytes.length) return null
    return this.#bytes.slice(offset - this.#firstOffset)
  }
}
