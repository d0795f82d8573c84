/** What whoever called for a hunt, a frontier or a run is told on the way, and how it ends it early. */

export interface Watch {
  /** Ends it early; what there is by then is the result. */
  readonly signal?: AbortSignal
  /** Called when subjects are loaded and the Redis answers. */
  readonly onReady?: () => void
  /** Called once for what the Redis cannot do. */
  readonly onWarning?: (text: string) => void
}

/** Resolves when the signal is aborted. */
export const abortOf = (signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted === true) resolve()
    else signal?.addEventListener('abort', () => resolve(), { once: true })
  })
