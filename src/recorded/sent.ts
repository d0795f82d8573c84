/** A command that a server executed, as its MONITOR or its append-only file shows it. Texts are bytes (latin-1). */

export interface Sent {
  /** Where it stands: `redis.log:7`. */
  readonly place: string
  /** When, by the server's clock, µs since 1970. Null: the evidence does not say. */
  readonly atUs: number | null
  /** It may be this much later than `atUs`: an append-only file tells whole seconds. */
  readonly slackUs: number
  readonly database: number
  /** The client's address; `lua`: a script called it. Null: the evidence does not say. */
  readonly source: string | null
  readonly args: readonly string[]
}

/** What a server recorded, in its order. `gap`: what comes next is not what followed. */
export type ServerEvent = Sent | { readonly gap: string }

/** What one server recorded. */
export interface ServerRecording {
  readonly name: string
  readonly kind: 'monitor' | 'aof'
  /** It begins with an empty server, so nothing that it does not show is there. */
  readonly isComplete: boolean
  readonly events: AsyncIterable<ServerEvent>
}
