/**
 * What a fault does to its world, as data. Checks, hunts and pictures ask for effects; none of them knows a fault by its
 * name, so a new fault is judged, tried and drawn like the others.
 *
 * Does not model  how it is done (`strike`), nor what the code under test makes of it.
 *
 * Invariants
 * - `forUs` counts from the moment at which the fault strikes.
 */

/** The first effect of a fault is the most telling one: pictures draw it. */
export type Effect =
  /** The process does nothing and notices nothing; its clocks run on. */
  | { readonly kind: 'stops'; readonly process: string; readonly forUs: number }
  /**
   * The process's life is over; after `forUs` it begins another one (null: not before all heals). Silently: its machine
   * lost power, so its peers are told nothing, and what they send is held until it is back.
   */
  | { readonly kind: 'ends'; readonly process: string; readonly forUs: number | null; readonly isSilent: boolean }
  /** Nothing gets from these machines to those; what they send arrives when the way is open again. */
  | { readonly kind: 'cuts'; readonly from: readonly string[]; readonly to: readonly string[]; readonly forUs: number }
  /** The connections of a process to another one (null: to all) are reset; what is under way is lost. */
  | { readonly kind: 'resets'; readonly process: string; readonly to: string | null }
  /** The process's machine refuses new connections; open ones stay open. */
  | { readonly kind: 'refuses'; readonly process: string; readonly forUs: number }
  | MessageEffect
  /** The wall clock moves; the monotonic clock does not. `isMendedAtEnd`: it moves back when the storm is over. */
  | { readonly kind: 'moves-clock'; readonly process: string; readonly byUs: number; readonly isMendedAtEnd: boolean }
  /** Both clocks run fast or slow until the storm is over. */
  | { readonly kind: 'changes-rate'; readonly process: string; readonly ppm: number }
  /** Each piece of work that a client begins before the storm is over takes longer. */
  | { readonly kind: 'slows-work'; readonly process: string; readonly byUs: number }
  /** A Redis node refuses commands, all or some kinds of them, with this error code. What it refuses changes nothing. */
  | {
      readonly kind: 'answers-error'
      readonly process: string
      readonly code: string
      readonly commands: 'all' | 'some'
      readonly forUs: number
    }
  /** A Redis node reads commands and lets them wait. */
  | {
      readonly kind: 'lets-wait'
      readonly process: string
      readonly commands: 'all' | 'write'
      readonly forUs: number
    }
  /** After a while a replica becomes the primary; for `forUs` from the strike the former one takes writes beside it, if it lives. */
  | { readonly kind: 'promotes'; readonly process: string; readonly afterUs: number; readonly forUs: number }
  /** The slot of one key moves to this primary of a Cluster: for so long it is on its way, then the other one sends clients there. */
  | { readonly kind: 'moves-slot'; readonly process: string; readonly forUs: number }
  /** A Sentinel is told to have a replica promoted, one that it chooses; the former primary takes writes until it is told. */
  | { readonly kind: 'has-promoted'; readonly process: string }
  /**
   * The process forgets: all its keys, one of them, its scripts, or all that it had only in memory; `unwritten`: what its operating
   * system had not been given; `unsynced`: what its disk had not. Its persistence says what these are.
   */
  | {
      readonly kind: 'forgets'
      readonly process: string
      readonly what: 'all keys' | 'one key' | 'scripts' | 'memory' | 'unwritten' | 'unsynced'
    }

/** What happens to one message: a client's request, or the reply to one. */
export type MessageEffect =
  /** It is under way for `forUs` longer, and everything behind it on its connection waits. */
  | {
      readonly kind: 'delays-message'
      readonly process: string
      readonly direction: 'request' | 'reply'
      readonly forUs: number
    }
  /** Its connection is reset at the moment at which it would have been sent. */
  | { readonly kind: 'loses-message'; readonly process: string; readonly direction: 'request' | 'reply' }

/** What is forgotten by a process that begins another life: nothing, all, or what its persistence has not kept. */
export function forgotten(
  { process, 'keep-data': keepsData }: { readonly process: string; readonly 'keep-data'?: boolean | undefined },
  unkept: 'unwritten' | 'unsynced',
): readonly Effect[] {
  if (keepsData === true) return []
  return [{ kind: 'forgets', process, what: keepsData === undefined ? unkept : 'memory' }]
}

/** Whether the persistence of a server says what an effect takes from it, and if anything. */
export const isLeftToDisk = (
  effect: Effect,
): effect is Effect & { readonly kind: 'forgets'; readonly what: 'unwritten' | 'unsynced' } =>
  effect.kind === 'forgets' && (effect.what === 'unwritten' || effect.what === 'unsynced')

/** The processes that an effect is about. */
export function touchedBy(effect: Effect): readonly string[] {
  if (effect.kind === 'cuts') return [...effect.from, ...effect.to]
  return effect.kind === 'resets' && effect.to !== null ? [effect.process, effect.to] : [effect.process]
}
