/** What is under test in a world: a lock, a session store, or a web application with sessions. */
import type { ClientKind } from '../client/kind.ts'
import type { LockDefinition } from '../lock/lock.ts'
import type { SessionAppDefinition } from '../session/session-app.ts'
import type { SessionStoreDefinition } from '../session/session-store.ts'

/**
 * In which scenarios a subject runs: `named`, only where `expect` names it (the systems of the articles); `all`, wherever
 * its kind fits (the user's own, and what `--only` asks for). Without it: where `expect` names it, and in every scenario
 * that is open to all.
 */
export type Reach = 'named' | 'all'

/** Each kind of subject, by its name. */
export interface SubjectKinds {
  readonly lock: LockSubject
  readonly session: SessionSubject
}

export type Subject = SubjectKinds[keyof SubjectKinds]

/** Each kind in words. */
export const SUBJECT_WORDS: Readonly<Record<Subject['kind'], string>> = { lock: 'lock', session: 'session store' }

export interface LockSubject {
  readonly kind: 'lock'
  readonly name: string
  readonly lock: LockDefinition
  readonly reach?: Reach
}

/** What keeps sessions: a store, or a whole web application. */
export type SessionSubject =
  | {
      readonly kind: 'session'
      readonly name: string
      readonly store: SessionStoreDefinition
      readonly app?: undefined
      readonly reach?: Reach
    }
  | {
      readonly kind: 'session'
      readonly name: string
      readonly app: SessionAppDefinition
      readonly reach?: Reach
    }

/** The client that a subject needs; undefined: it takes any. */
export const neededClient = (subject: Subject): ClientKind | undefined =>
  subject.kind === 'lock' ? subject.lock.client : undefined

/** The client that a subject is really given: the one that it needs, or else the one that the run asks for. */
export const clientOf = (subject: Subject, asked: ClientKind): ClientKind => neededClient(subject) ?? asked

/** A lock as a subject. */
export const lockSubject = (lock: LockDefinition): Subject => ({ kind: 'lock', name: lock.name, lock })

/** A session store as a subject. */
export const sessionSubject = (store: SessionStoreDefinition): Subject => ({ kind: 'session', name: store.name, store })

/** A web application as a subject. */
export const appSubject = (app: SessionAppDefinition): Subject => ({ kind: 'session', name: app.name, app })

/** How many independent Redis nodes a subject needs. */
export const nodesOf = (subject: Subject): number => (subject.kind === 'lock' ? (subject.lock.nodes ?? 1) : 1)

/** Whether its acquire may wait for as long as another client has the lock. */
export const isBlocking = (subject: Subject): boolean => subject.kind === 'lock' && subject.lock.blocking === true
