/** What is under test in a world: a lock or a session store. */
import type { LockDefinition } from '../lock/lock.ts'
import type { SessionStoreDefinition } from '../session/session-store.ts'

/**
 * In which scenarios a subject runs: `named`, only where `expect` names it (the systems of the articles); `all`, wherever
 * its kind fits (the user's own, and what `--only` asks for). Without it: where `expect` names it, and in every scenario
 * that is open to all.
 */
export type Reach = 'named' | 'all'

export type Subject =
  | { readonly kind: 'lock'; readonly name: string; readonly lock: LockDefinition; readonly reach?: Reach }
  | {
      readonly kind: 'session'
      readonly name: string
      readonly store: SessionStoreDefinition
      readonly reach?: Reach
    }

/** A lock as a subject. */
export const lockSubject = (lock: LockDefinition): Subject => ({ kind: 'lock', name: lock.name, lock })

/** A session store as a subject. */
export const sessionSubject = (store: SessionStoreDefinition): Subject => ({ kind: 'session', name: store.name, store })
