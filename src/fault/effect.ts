/**
 * What a fault does to the world, as data: which processes stop, which ways are cut, which connections break, which
 * clocks move, what a server answers or loses.
 *
 * Checks, shrinking and pictures ask the effects of the faults that struck and never know a fault by its name, so a new
 * fault is judged and drawn right as soon as it says what it does.
 */

/** What a server may lose. */
export type Loss = 'keys' | 'one key' | 'scripts'

export type Effect =
  /** A process does nothing until the fault is over, and then goes on where it was. */
  | { readonly kind: 'stops'; readonly process: string }
  /**
   * The life of a process ends. `comesBack`: a new one begins when the fault is over. `isSilent`: its machine lost power,
   * so its peers are told nothing.
   */
  | { readonly kind: 'ends'; readonly process: string; readonly comesBack: boolean; readonly isSilent: boolean }
  /** What one machine sends to another is held, and arrives when the fault is over. */
  | { readonly kind: 'cuts'; readonly from: string; readonly to: string }
  /** One message of a client, or one to it, is late; what follows on the same connection waits behind it. */
  | { readonly kind: 'delays'; readonly client: string; readonly direction: 'request' | 'reply' }
  /** Open connections of a process are reset: those to one other machine, or (`to` null) all. */
  | { readonly kind: 'resets'; readonly process: string; readonly to: string | null }
  /** The server executes a request of a client; then the connection is reset instead of the reply. */
  | { readonly kind: 'loses-reply'; readonly client: string }
  /** A machine refuses new connections. */
  | { readonly kind: 'refuses'; readonly process: string }
  /** A process's clock is moved: the wall clock alone, or both (they run at another rate). */
  | { readonly kind: 'moves-clock'; readonly process: string; readonly clocks: 'wall' | 'both' }
  /** Each piece of work of a client takes longer; its event loop stays alive. */
  | { readonly kind: 'slows-work'; readonly client: string }
  /** A server answers with an error and changes nothing. */
  | { readonly kind: 'answers-error'; readonly node: string; readonly code: string }
  /** A server lets commands wait: all of them, or those that write. */
  | { readonly kind: 'holds-commands'; readonly node: string; readonly onlyWrites: boolean }
  /** A server loses what it acknowledged. */
  | { readonly kind: 'loses-data'; readonly node: string; readonly what: Loss }

/** How a fault is drawn: as a bar of this kind. */
export type FaultBar = 'pause' | 'crash' | 'partition' | 'skew' | 'fault'

/** The bar of a fault, by what it does first of all. */
export function barOf([first]: readonly Effect[]): FaultBar {
  switch (first?.kind) {
    case 'stops':
      return 'pause'
    case 'ends':
      return 'crash'
    case 'cuts':
    case 'refuses':
      return 'partition'
    case 'moves-clock':
      return 'skew'
    default:
      return 'fault'
  }
}
