/**
 * What a pitfall is: a way in which locks and sessions on Redis break, where people met it, and the run that shows it.
 *
 * A run is a storm (a scenario file) and a subject (a built-in one, or a small model of a library's algorithm). The models and the
 * storms that are no bundled scenarios are in `catalogue/pitfalls/`, which does every run and makes `docs/pitfalls.md` of the registry.
 */
import type { PropertyName, ViolationKind } from '../check/verdict.ts'

/** One subject in one storm. */
export interface Run {
  /** The subject's name. */
  readonly subject: string
  /** The file in `catalogue/pitfalls/models/` that has it; without one it is built in. */
  readonly model?: string
  /** The name of a scenario in `scenarios/` or its articles, or else in `catalogue/pitfalls/storms/`. */
  readonly storm: string
  /** With another client than ioredis. */
  readonly client?: 'direct'
}

interface Described {
  readonly number: number
  readonly name: string
  /** The name in Simplified Chinese. */
  readonly nameZh: string
  /** One sentence. */
  readonly mechanism: string
  /** The same in Simplified Chinese. */
  readonly mechanismZh: string
  /** The kinds of faults it takes; none: scheduling alone is enough. */
  readonly faults: readonly string[]
  /** `bug`, or `limit`: no lease lock can prevent it alone, or none that cannot be told from it. */
  readonly kind: ViolationKind
  /** `owner/repo#number`, an address, or a package with a place in it. */
  readonly citations: readonly string[]
}

/** One that a run shows. */
export interface ShownPitfall extends Described {
  readonly property: PropertyName
  readonly shows: Run
  /** What passes the same storm (or, for a cure that is a setting of the server or the cache, its own). */
  readonly cure: Run
  /** Its cause alone looks like that of other bugs: no finding is said to be an example of it. */
  readonly isLikeOthers?: true
  readonly notShown?: undefined
  readonly notShownZh?: undefined
}

/** One that no run shows yet, and why. */
export interface UnshownPitfall extends Described {
  readonly property: string
  readonly notShown: string
  /** The same in Simplified Chinese. */
  readonly notShownZh: string
  readonly shows?: undefined
  readonly cure?: undefined
}

export type Pitfall = ShownPitfall | UnshownPitfall

/** A chapter of the catalogue. */
export interface PitfallGroup {
  readonly title: string
  readonly pitfalls: readonly Pitfall[]
}

/** The address of a citation; null: there is nothing to open. */
export function addressOf(citation: string): string | null {
  const issue = /^([\w.-]+\/[\w.-]+)#(\d+)$/.exec(citation)
  if (issue !== null) return `https://github.com/${issue[1]}/issues/${issue[2]}`
  return citation.startsWith('http') ? citation : null
}
