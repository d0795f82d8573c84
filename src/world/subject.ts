/** What is under test in a world: a lock or a session store. */
import type { ClientKind } from '../client/kind.ts'
import type { LockDefinition } from '../lock/lock.ts'
import type { SessionStoreDefinition } from '../session/session-store.ts'

export type Subject =
  | { readonly kind: 'lock'; readonly name: string; readonly lock: LockDefinition }
  | { readonly kind: 'session'; readonly name: string; readonly store: SessionStoreDefinition }

/** The client that a subject is really given: the one that it needs, or else the one that the run asks for. */
export const clientOf = (subject: Subject, asked: ClientKind): ClientKind =>
  (subject.kind === 'lock' ? subject.lock.client : undefined) ?? asked

/** A lock as a subject. */
export const lockSubject = (lock: LockDefinition): Subject => ({ kind: 'lock', name: lock.name, lock })

/** A session store as a subject. */
export const sessionSubject = (store: SessionStoreDefinition): Subject => ({ kind: 'session', name: store.name, store })
