/**
 * A coordination service as ZooKeeper is one, as much of it as a lock needs. It is no ZooKeeper, and is there for the contrast: who has
 * its lock has a session, which is told to be alive, in place of a lease that is told to be longer.
 *
 * Models          sessions, which end when nothing is heard of them for their timeout; ephemeral nodes, which go with their session, in the
 *                 order in which they were made; a transaction id (zxid) that grows with each change; watches: one answer, when a node
 *                 is gone.
 * Does not model  an ensemble (it is one server, which forgets nothing), nodes that stay or have children of their own, versions, ticks
 *                 (a session ends at its deadline, not at the next tick), and a client library: code hears that its session is over when
 *                 it asks for something.
 *
 * Source: https://zookeeper.apache.org/doc/current/recipes.html#sc_recipes_Locks; Hunt et al., ZooKeeper: Wait-free coordination
 * for Internet-scale systems, 2010.
 */

/** Who has made nodes, and must be heard of. */
export interface Session {
  readonly id: string
  readonly timeoutMs: number
  /** The last millisecond of its life, unless it is heard of. */
  deadlineMs: number
}

interface EphemeralNode {
  readonly name: string
  readonly data: string
  readonly session: Session
  readonly watches: (() => void)[]
}

/** What was made, and when. */
export interface Created {
  readonly name: string
  readonly zxid: number
}

export class Keeper {
  readonly #sessions = new Map<string, Session>()
  /** By their folder, each in the order in which they were made. */
  readonly #nodes = new Map<string, EphemeralNode[]>()
  #zxid = 0

  /** Begins a session. */
  open(timeoutMs: number, nowMs: number): Session {
    this.#zxid += 1
    const session = { id: `s${this.#zxid}`, timeoutMs, deadlineMs: nowMs + timeoutMs }
    this.#sessions.set(session.id, session)
    return session
  }

  /** The session, which lives on for its timeout; null: it is over, or there was none. */
  hear(id: string, nowMs: number): Session | null {
    const session = this.#sessions.get(id)
    if (session === undefined) return null
    session.deadlineMs = nowMs + session.timeoutMs
    return session
  }

  /** Makes a node that goes with its session, behind all others of its folder. */
  create(session: Session, folder: string, data: string): Created {
    this.#zxid += 1
    const name = `n${this.#zxid}`
    this.#nodes.set(folder, [...this.#in(folder), { name, data, session, watches: [] }])
    return { name, zxid: this.#zxid }
  }

  /** The names of the nodes in a folder, in the order in which they were made. */
  children(folder: string): readonly string[] {
    return this.#in(folder).map(({ name }) => name)
  }

  /** Calls once when this node is gone: at once if there is none. */
  watch(folder: string, name: string, onGone: () => void): void {
    const node = this.#in(folder).find((each) => each.name === name)
    if (node === undefined) onGone()
    else node.watches.push(onGone)
  }

  /** False: there is none. */
  delete(folder: string, name: string): boolean {
    if (!this.#in(folder).some((node) => node.name === name)) return false
    this.#zxid += 1
    this.#drop(folder, (node) => node.name === name)
    return true
  }

  /** Ends a session: its nodes are gone. */
  close({ id }: Session): void {
    this.#sessions.delete(id)
    this.#zxid += 1
    for (const folder of [...this.#nodes.keys()]) this.#drop(folder, ({ session }) => session.id === id)
  }

  /** Ends the sessions that nothing was heard of. */
  expire(nowMs: number): void {
    for (const session of [...this.#sessions.values()]) if (session.deadlineMs < nowMs) this.close(session)
  }

  /** When the next session ends, if nothing is heard of it; null: there is none. */
  get nextEndMs(): number | null {
    const deadlines = [...this.#sessions.values()].map(({ deadlineMs }) => deadlineMs)
    return deadlines.length === 0 ? null : Math.min(...deadlines) + 1
  }

  /** The first node of a folder whose session is alive; null: there is none. */
  first(folder: string, nowMs: number): { readonly data: string; readonly deadlineMs: number } | null {
    const node = this.#in(folder).find(({ session }) => session.deadlineMs >= nowMs)
    return node === undefined ? null : { data: node.data, deadlineMs: node.session.deadlineMs }
  }

  /** It starts again, and gives everybody the time to be heard of. */
  restart(nowMs: number): void {
    for (const session of this.#sessions.values()) session.deadlineMs = nowMs + session.timeoutMs
    for (const node of [...this.#nodes.values()].flat()) node.watches.length = 0
  }

  #in(folder: string): readonly EphemeralNode[] {
    return this.#nodes.get(folder) ?? []
  }

  #drop(folder: string, isDropped: (node: EphemeralNode) => boolean): void {
    const dropped = this.#in(folder).filter(isDropped)
    const left = this.#in(folder).filter((node) => !isDropped(node))
    if (left.length === 0) this.#nodes.delete(folder)
    else this.#nodes.set(folder, left)
    for (const { watches } of dropped) for (const onGone of watches) onGone()
  }
}
