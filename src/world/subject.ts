/** What is under test in a world: a lock or a session store. */
import type { LockDefinition } from '../lock/lock.ts'
import type { SessionStoreDefinition } from '../session/session-store.ts'
import type { Plan } from './plan.ts'

export type Subject =
  | { readonly kind: 'lock'; readonly name: string; readonly lock: LockDefinition }
  | { readonly kind: 'session'; readonly name: string; readonly store: SessionStoreDefinition }

/** A lock as a subject. */
export const lockSubject = (lock: LockDefinition): Subject => ({ kind: 'lock', name: lock.name, lock })

/** A session store as a subject. */
export const sessionSubject = (store: SessionStoreDefinition): Subject => ({ kind: 'session', name: store.name, store })

/** How many independent Redis nodes a subject needs. */
export const nodesOf = (subject: Subject): number => (subject.kind === 'lock' ? (subject.lock.nodes ?? 1) : 1)

/** The plan as it is run: a lock that needs more nodes than the plan has gets them. */
export const planFor = (plan: Plan, subject: Subject): Plan =>
  plan.nodes >= nodesOf(subject) ? plan : { ...plan, nodes: nodesOf(subject) }
