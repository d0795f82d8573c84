/** What the caller of a hunt, a frontier, a run or a replay is told on the way, and how it ends that early. */

import type { Printed } from '../worker/messages.ts'
import type { HuntOpening } from './job.ts'

export interface Watch {
  /** Ends it early; what there is by then is the result. */
  readonly signal?: AbortSignal
  /** Called when subjects are loaded and the Redis answers. */
  readonly onReady?: () => void
  /** Called with the files that the subjects have loaded, and the scenarios of the user's. */
  readonly onFiles?: (files: readonly string[]) => void
  /** Takes what code under test in workers prints: outside of worlds, and with `verbose` in them too. */
  readonly onOutput?: (text: string) => void
  /** Called at the end with what the code under test has printed in its worlds. */
  readonly onPrinted?: (printed: Printed) => void
  /** Called once for each thing to know beforehand: what the Redis cannot do, which keys a lock was seen to use. */
  readonly onWarning?: (text: string) => void
}

/** Tells that what is needed stands ready, and what this Redis cannot do. */
export function tellReady(
  { onReady, onFiles, onWarning }: Watch,
  { notices, isDeterministic, graph }: Pick<HuntOpening, 'notices' | 'isDeterministic' | 'graph'>,
  risk: string,
): void {
  onReady?.()
  onFiles?.(graph.files)
  for (const notice of notices) onWarning?.(notice)
  if (!isDeterministic) onWarning?.(`warning: this Redis is not deterministic: ${risk}`)
}

/** Resolves when the signal is aborted; listens until `over` is. */
export const abortOf = (signal: AbortSignal | undefined, over: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted === true) resolve()
    else signal?.addEventListener('abort', () => resolve(), { once: true, signal: over })
  })
