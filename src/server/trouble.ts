/**
 * What a fault does to a Redis server from inside, without being one of its clients: no message of it is counted, no
 * client hears of it but by its effects.
 *
 * Models          an operator's or another tenant's command, an eviction, and states in which a server refuses commands.
 */

/** States in which a server refuses commands with an error of its own. */
export const REFUSING_STATES = ['oom', 'read-only', 'misconf', 'loading', 'busy', 'no-auth'] as const

export type RefusingState = (typeof REFUSING_STATES)[number]

/** What the errors of each state begin with. */
export const STATE_CODES: Readonly<Record<RefusingState, string>> = {
  oom: 'OOM',
  'read-only': 'READONLY',
  misconf: 'MISCONF',
  loading: 'LOADING',
  busy: 'BUSY',
  'no-auth': 'NOAUTH',
}

/** The password that a server wants when its clients have a wrong one; none of them is told it. */
export const UNKNOWN_PASSWORD = 'rotated'

/** Categories of commands that the user of the clients may be forbidden. */
export const RIGHTS = ['scripting', 'write', 'pubsub'] as const

type Right = (typeof RIGHTS)[number]

/** What a server suffers. */
export type Trouble =
  /** SCRIPT FLUSH: EVALSHA answers NOSCRIPT until a client sends the script again. */
  | { readonly kind: 'script-flush' }
  /** FLUSHALL. */
  | { readonly kind: 'flush' }
  /** One key of database 0 is evicted. */
  | { readonly kind: 'evict'; readonly key: string }
  /** A state begins or ends. */
  | { readonly kind: 'state'; readonly state: RefusingState; readonly isOn: boolean }
  /** The default user may no longer call, or may call again, the commands of a category. */
  | { readonly kind: 'right'; readonly right: Right; readonly isTaken: boolean }

/** Trouble by its name, so that a kind of server can say what its nodes cannot have. */
export type TroubleName = Exclude<Trouble['kind'], 'state'> | RefusingState

/** Trouble for a node: what its server suffers, or CLIENT PAUSE, which needs no server (`client-pause.ts`). */
export type NodeTrouble = Trouble | { readonly kind: 'client-pause'; readonly ms: number; readonly onlyWrites: boolean }

/** Who changed keys, in the truth lane, when it was none of the clients. */
export type TroubleMaker = 'flush' | 'eviction' | 'fault'

/** The rule of ACL SETUSER: what is given back is everything, as a fresh server's default user has it. */
export const rightRule = ({ right, isTaken }: Trouble & { readonly kind: 'right' }): string =>
  isTaken ? `-@${right}` : '+@all'

/** In whose name the truth lane records what this trouble changes. */
export function troubleMaker({ kind }: Trouble): TroubleMaker {
  return kind === 'flush' ? 'flush' : kind === 'evict' ? 'eviction' : 'fault'
}
