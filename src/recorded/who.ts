/**
 * Whether two connections are one client's. From outside only two things are certain: a connection is itself, and two hosts are two
 * clients. Two connections of one host may be a pool, or a client that has connected again.
 */

/** `because`: why it is not known. `isEarly`: what comes later may show it. */
export type Identity = 'same' | 'other' | { readonly because: string; readonly isEarly?: true }

/** Connections are remembered of at most this many. */
const CONNECTIONS_MAX = 50_000

export class Connections {
  readonly #seen = new Map<string, { readonly firstUs: number; lastUs: number }>()
  readonly #isOneEach: boolean

  /** @param isOneEach the user says that each client has one connection */
  constructor(isOneEach: boolean) {
    this.#isOneEach = isOneEach
  }

  /** It sent a command. */
  see(source: string, atUs: number): void {
    const seen = this.#seen.get(source)
    if (seen !== undefined) seen.lastUs = atUs
    else {
      if (this.#seen.size >= CONNECTIONS_MAX) this.#seen.delete(this.#seen.keys().next().value as string)
      this.#seen.set(source, { firstUs: atUs, lastUs: atUs })
    }
  }

  /** Whose the two are, as far as that is known by now. */
  compare(taker: string | null, actor: string | null): Identity {
    if (taker === null || actor === null) return { because: 'the evidence does not say who took it' }
    if (taker.startsWith('unix:') || actor.startsWith('unix:'))
      return { because: 'connections through a Unix socket have no names of their own' }
    if (taker === actor) return 'same'
    if (hostOf(taker) !== hostOf(actor)) return 'other'
    if (!this.#isOneEach)
      return {
        because: 'both connections are of one host and may be of one client (if each client has one: --one-connection)',
      }
    // A client that connects again has not two connections at once.
    const isLater = (this.#seen.get(taker)?.lastUs ?? 0) > (this.#seen.get(actor)?.firstUs ?? Number.POSITIVE_INFINITY)
    return isLater
      ? 'other'
      : { because: 'the first connection says nothing any more: its client may have connected again', isEarly: true }
  }
}

const hostOf = (source: string): string => source.slice(0, source.lastIndexOf(':'))
