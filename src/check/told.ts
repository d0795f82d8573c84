/**
 * What happened, as data: for each way in which a property is broken the names and figures that its sentence needs. The
 * sentences stand in `words/`.
 */
import type { Runs } from '../history/rules.ts'
import type { Place, Taking } from './cause.ts'

/** What a lease said of itself when that was no longer true. */
export type Statement =
  /** It said that it is held. */
  | {
      readonly kind: 'is held'
      readonly client: string
      readonly name: string
      readonly atUs: number
      readonly sinceUs: number | null
      readonly isQuorum: boolean
    }
  /** Its signal had not come. */
  | {
      readonly kind: 'no signal'
      readonly client: string
      readonly name: string
      readonly atUs: number
      readonly sinceUs: number | null
      readonly isQuorum: boolean
      /** When it came; null: never. */
      readonly signalledUs: number | null
    }
  /** It stated a later end. */
  | {
      readonly kind: 'end'
      readonly client: string
      readonly name: string
      readonly statedUs: number
      /** When Redis no longer had the key; null: it never had. */
      readonly endedUs: number | null
      readonly isQuorum: boolean
    }

/** What the owner of an orphaned key was told. */
export type ToldOwner =
  | 'not had'
  | 'held by another'
  | 'an error'
  | 'noscript'
  | 'release refused'
  | 'released'
  | 'not its own'

export type Told =
  | {
      readonly kind: 'both-held'
      readonly earlier: string
      readonly later: string
      readonly forUs: number
      readonly statement: Statement | null
    }
  | {
      readonly kind: 'wrote-late'
      readonly client: string
      readonly value: number
      readonly newer: string
      readonly lateUs: number
    }
  | {
      readonly kind: 'fence-not-higher'
      readonly client: string
      readonly fence: number
      readonly previous: string
      readonly previousFence: number
    }
  | {
      readonly kind: 'lower-fence-accepted'
      readonly client: string
      readonly fence: number
      readonly highest: string
      readonly highestFence: number
    }
  | {
      readonly kind: 'key-changed'
      readonly by: string
      readonly owner: string
      readonly key: string
      readonly how: Taking | 'extended'
      readonly node: string | null
    }
  | {
      readonly kind: 'served-as'
      readonly server: string
      readonly asker: string
      readonly taken: string
      readonly isStranger: boolean
    }
  | { readonly kind: 'change-lost'; readonly client: string; readonly op: string; readonly item: string }
  | { readonly kind: 'session-missing'; readonly client: string; readonly afterUs: number }
  | { readonly kind: 'session-again'; readonly client: string; readonly afterUs: number }
  | { readonly kind: 'change-not-seen'; readonly client: string; readonly item: string }
  | {
      readonly kind: 'served-old'
      readonly reader: string
      readonly value: number
      readonly sinceUs: number
      readonly writer: string
      readonly current: number
    }
  | { readonly kind: 'made-twice'; readonly earlier: string; readonly later: string; readonly forUs: number }
  | {
      readonly kind: 'ran-twice'
      readonly what: Runs
      /** Which tick, item or request. */
      readonly tick: number
      readonly first: string
      readonly again: string
      readonly afterUs: number
    }
  | {
      readonly kind: 'both-ran'
      readonly job: number
      readonly earlier: string
      readonly later: string
      readonly forUs: number
    }
  | {
      readonly kind: 'held-beside'
      readonly writer: string
      readonly other: string
      readonly isReader: boolean
      readonly forUs: number
    }
  | {
      readonly kind: 'read-two'
      readonly reader: string
      readonly first: number
      readonly second: number
      readonly writer: string
    }
  | { readonly kind: 'both-led'; readonly earlier: string; readonly later: string; readonly forUs: number }
  | { readonly kind: 'same-term'; readonly term: number; readonly first: string; readonly again: string }
  | { readonly kind: 'not-elected'; readonly client: string; readonly forUs: number }
  | { readonly kind: 'never-elected'; readonly client: string; readonly forUs: number }
  | { readonly kind: 'job-not-done'; readonly client: string; readonly job: number; readonly calmUs: number }
  | {
      readonly kind: 'too-many-held'
      readonly holders: readonly string[]
      readonly limit: number
      readonly forUs: number
    }
  | { readonly kind: 'release-failed'; readonly client: string; readonly reason: string }
  | { readonly kind: 'not-takeable'; readonly forUs: number }
  | { readonly kind: 'permits-lost'; readonly had: number; readonly limit: number; readonly forUs: number }
  | { readonly kind: 'locked-for-ever'; readonly key: string }
  | { readonly kind: 'kept-alive'; readonly owner: string; readonly longerUs: number }
  | { readonly kind: 'orphaned'; readonly owner: string; readonly told: ToldOwner; readonly forUs: number }
  | { readonly kind: 'blocked-itself'; readonly owner: string; readonly attemptUs: number; readonly forUs: number }
  | {
      readonly kind: 'votes-kept'
      readonly owners: readonly string[]
      readonly nodes: number
      readonly of: number
      readonly forUs: number
    }
  | {
      readonly kind: 'never-returned'
      readonly client: string
      readonly op: string
      readonly waitedUs: number
      readonly calmUs: number
    }
  | {
      readonly kind: 'waited-for-minority'
      readonly client: string
      readonly op: string
      readonly waitedUs: number
      readonly silent: readonly string[]
      readonly of: number
    }
  | {
      readonly kind: 'claimed-longer'
      readonly client: string
      readonly byUs: number
      readonly place: Place
      readonly statement: Statement | null
    }
  | { readonly kind: 'told-late'; readonly client: string; readonly afterUs: number }
  | { readonly kind: 'overtaken'; readonly client: string; readonly waitedUs: number; readonly times: number }
  | {
      readonly kind: 'votes-split'
      readonly clients: readonly string[]
      readonly rounds: number
      readonly of: number
      readonly forUs: number
    }
  | { readonly kind: 'increment-lost' }
  | { readonly kind: 'not-one-after-the-other' }
  | { readonly kind: 'process-ended'; readonly client: string; readonly message: string }
  | { readonly kind: 'ran-for-ever' }
  | { readonly kind: 'out-of-memory' }
