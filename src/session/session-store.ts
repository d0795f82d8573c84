/**
 * The contract of a session store under test, and `defineSessionStore`.
 *
 * A web server loads a session when a request begins and saves it when the request ends; many requests of one user run
 * at the same time on different servers. The store is judged by what it acknowledged.
 */

import { checkDefinition } from '../lock/definition.ts'
import type { RedisCommands } from '../lock/redis-commands.ts'

/** The fields of a session: what a cart holds, who the user is. */
export type SessionFields = Readonly<Record<string, string>>

/** A loaded session; `state` is the store's own (a version, a lock it holds) and comes back with `save`. */
export interface LoadedSession {
  readonly fields: SessionFields
  readonly state?: unknown
}

/** What a session store is given for one request. */
export interface SessionContext<Redis = RedisCommands> {
  /** A connected driver object; one for each request, so that WATCH and MULTI do not mix. */
  readonly redis: Redis
  /** A connection to a server that follows the primary, for code that reads from it; where there is none, to the same server. */
  readonly replica: Redis
  /** Unique for each request: for stores that lock. */
  readonly token: string
  /** How long an unused session lives. */
  readonly ttlMs: number
}

/** A session store under test. */
export interface SessionStoreDefinition<Redis = RedisCommands> {
  /** Short and unique: a column of the matrix. */
  readonly name: string
  readonly title?: string
  readonly commands?: string
  /** The session as it is now; null: there is none (or, with a lock, it could not be had in time). */
  load(context: SessionContext<Redis>, id: string): Promise<LoadedSession | null>
  /**
   * Stores the changed fields. `loaded` null: a new session. False: another request changed it (or ended it) since it was
   * loaded, nothing was stored; the request loads again.
   */
  save(
    context: SessionContext<Redis>,
    id: string,
    fields: SessionFields,
    loaded: LoadedSession | null,
  ): Promise<boolean>
  /** Ends the session: logout. */
  destroy(context: SessionContext<Redis>, id: string): Promise<void>
  /** The request ends without a save: releases what `load` took. */
  close?(context: SessionContext<Redis>, id: string, loaded: LoadedSession): Promise<void>
}

/**
 * Declares a session store under test.
 * @throws UsageError when something that every store has is missing.
 */
export function defineSessionStore<Redis = RedisCommands>(
  store: SessionStoreDefinition<Redis>,
): SessionStoreDefinition<Redis> {
  checkDefinition('defineSessionStore', store, ['a name, load, save and destroy', 'my-store'], {
    load: 'add async load(context, id) { … }',
    save: 'add async save(context, id) { … }',
    destroy: 'add async destroy(context, id) { … }',
  })
  return store
}

/** The Redis key of a session. */
export const sessionKey = (id: string): string => `session:${id}`
