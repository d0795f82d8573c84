/**
 * What a real server says on the bus of its cluster, message by message, as it wrote it: each is one message of the world, whatever pieces
 * it is read in.
 *
 *   nothing, which kept the connection from being open, then
 *   "RCmb"  how long all of it is  …  what the sender is  …
 *   0       4                         2251
 *
 * Source: cluster.h (`clusterMsg`) of Redis 7.0
 */

const LENGTH_AT = 4
const LENGTH_BYTES = 4
/** The lower byte of `flags`. */
const FLAGS_AT = 2251
const PRIMARY = 1

export class BusFrames {
  #bytes = ''
  #frames: string[] = []
  readonly #roles = new Set<boolean>()

  push(bytes: string): void {
    this.#bytes += this.#bytes === '' ? bytes.replace(/^\0+/, '') : bytes
    for (;;) {
      const length = lengthOf(this.#bytes)
      if (length === null || this.#bytes.length < length) return
      this.#frames.push(this.#bytes.slice(0, length))
      this.#roles.add((this.#bytes.charCodeAt(FLAGS_AT) & PRIMARY) !== 0)
      this.#bytes = this.#bytes.slice(length)
    }
  }

  /** The messages that are complete. */
  take(): readonly string[] {
    return this.#frames.splice(0)
  }

  /** Whether it was a primary when it said what has come since this was asked: yes, no, or both. */
  takeRoles(): readonly boolean[] {
    const roles = [...this.#roles]
    this.#roles.clear()
    return roles
  }
}

/** Null: that has not come yet. */
function lengthOf(bytes: string): number | null {
  if (bytes.length < LENGTH_AT + LENGTH_BYTES) return null
  let length = 0
  for (let at = LENGTH_AT; at < LENGTH_AT + LENGTH_BYTES; at++) length = length * 256 + bytes.charCodeAt(at)
  return length
}
