/** What recorded histories show: certain, or not, because clocks do not agree well enough. */

/** One thing that a recording shows. */
export interface Shown {
  readonly property: 'mutual-exclusion' | 'stale-write' | 'fence-order'
  /** `violated`: whatever the clocks were. `unknown`: it is shorter than the clocks may differ. */
  readonly status: 'violated' | 'unknown'
  readonly sentence: string
  /** The lines that show it. */
  readonly places: readonly string[]
}

/** A token as people may see it: none is ever printed. */
export const nameOfToken = (hash: string): string => `#${hash.slice(0, 6)}`
