/**
 * What the page of a report is made of: plain data, embedded in the file and drawn by the script in `client/`.
 */
import type { Cure } from '../../explore/cure.ts'
import type { DiffLine } from '../../text/line-diff.ts'
import type { CellWord, StatusWord } from '../../text/status-word.ts'
import type { ToldViolation } from '../../words/told-violation.ts'

/** A change that was tried: what to do, and how the code changes where that is known. */
export interface PageCure {
  readonly name: string
  readonly advice: string
  /** What it did to the same storm. */
  readonly outcome: Cure['outcome']
  readonly code: readonly DiffLine[]
}

export interface PageViolation extends ToldViolation {
  /** What the property is called when it is broken: `mutual exclusion violated`. */
  readonly heading: string
  readonly token: string
  /** Whether it happened in the world that is drawn. */
  readonly isShown: boolean
}

/** A story that can be opened: a cell of a run, or a finding of a hunt. */
export interface PageStory {
  /** Unique in the page: its anchor. */
  readonly id: string
  readonly subject: string
  /** What it happened in: a scenario; of a hunt, the storm in words. */
  readonly place: string
  readonly word: CellWord
  readonly isExpected: boolean
  /** The worst first; the first is what the story is about. */
  readonly violations: readonly PageViolation[]
  /** The place of its world among what is packed; null: there is none to draw. */
  readonly world: number | null
  /** The world of a subject that passes the same storm. */
  readonly cured: { readonly subject: string; readonly world: number } | null
  /** What to do, in one line; null: no single change is known. */
  readonly advice: string | null
  readonly cures: readonly PageCure[]
  /** The storm, a fault each, with what is known of it. */
  readonly storm: readonly { readonly words: string; readonly note: string }[]
  /** A few words each, beside the verdict. */
  readonly facts: readonly string[]
  /** How the storm was made small, how often it was seen; in sentences, perhaps none. */
  readonly told: string
  readonly replay: string
  /** Files with more of it, relative to the page. */
  readonly files: readonly string[]
  /** Numbers of pitfalls that it shows: `P01`. */
  readonly pitfalls: readonly string[]
}

/** One cell of the matrix. */
export interface PageCell {
  readonly scenario: string
  readonly subject: string
  readonly word: CellWord
  readonly isExpected: boolean
  /** Among the stories; null: nothing was violated in it. */
  readonly story: number | null
  /** What there is to say of it. */
  readonly note: string
}

/** Words and tables. */
export interface PageSection {
  readonly title: string
  readonly paragraphs: readonly string[]
  readonly tables: readonly {
    readonly title: string
    readonly heads: readonly string[]
    readonly rows: readonly (readonly string[])[]
  }[]
  /** Text in fixed columns: settings. */
  readonly code: readonly string[]
}

export interface PageData {
  readonly kind: 'run' | 'hunt'
  readonly engine: string
  /** The verdict on everything. */
  readonly title: string
  readonly lead: string
  readonly facts: readonly (readonly [name: string, value: string])[]
  readonly counts: readonly (readonly [word: StatusWord, count: number])[]
  /** Worst first. */
  readonly stories: readonly PageStory[]
  /** Of a run: groups of cells that are one table each, rows and columns worst first. */
  readonly tables: readonly {
    readonly workloads: readonly string[]
    readonly scenarios: readonly string[]
    readonly subjects: readonly string[]
    readonly cells: readonly PageCell[]
  }[]
  readonly scenarios: Readonly<Record<string, { readonly title: string; readonly story: string }>>
  readonly subjects: Readonly<Record<string, { readonly title: string; readonly commands: string }>>
  /** What follows the stories: what was tried. */
  readonly sections: readonly PageSection[]
  /** Pitfalls that stories name, by their numbers. */
  readonly pitfalls: Readonly<Record<string, { readonly name: string; readonly mechanism: string }>>
}
