/**
 * What the page of a report is made of: plain data, embedded in the file and drawn by the script in `client/`.
 */
import type { Cure } from '../../explore/cure.ts'
import type { InLanguages, Language } from '../../text/language.ts'
import type { DiffLine } from '../../text/line-diff.ts'
import type { CellWord, StatusWord } from '../../text/status-word.ts'
import type { ToldViolation } from '../../words/told-violation.ts'

/** A text in each language, or in the one that the report has it in. */
export type PageText = string | InLanguages

/** A change that was tried: what to do, and how the code changes where that is known. */
export interface PageCure {
  readonly name: string
  readonly advice: PageText
  /** What it did to the same storm. */
  readonly outcome: Cure['outcome']
  readonly code: readonly DiffLine[]
}

export interface PageViolation extends Pick<ToldViolation, 'property' | 'kind' | 'atUs' | 'untilUs' | 'processes'> {
  /** What the property is called when it is broken: `mutual exclusion violated`. */
  readonly heading: InLanguages
  readonly sentence: InLanguages
  readonly why: InLanguages
  readonly needs: InLanguages | null
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
  readonly place: PageText
  readonly word: CellWord
  readonly isExpected: boolean
  /** The worst first; the first is what the story is about. */
  readonly violations: readonly PageViolation[]
  /** The place of its world among what is packed; null: there is none to draw. */
  readonly world: number | null
  /** The world of a subject that passes the same storm. */
  readonly cured: { readonly subject: string; readonly world: number } | null
  /** What to do, in one line; null: no single change is known. */
  readonly advice: PageText | null
  readonly cures: readonly PageCure[]
  /** The storm, a fault each, with what is known of it. */
  readonly storm: readonly { readonly words: PageText; readonly note: PageText }[]
  /** A few words each, beside the verdict. */
  readonly facts: readonly PageText[]
  /** How the storm was made small, step by step; missing: it was not. */
  readonly shrunk?: { readonly steps: readonly PageText[]; readonly runs: number }
  /** How the storm was made small, how often it was seen; in sentences, perhaps none. */
  readonly told: PageText
  readonly replay: string
  /** Files with more of it, relative to the page. */
  readonly files: readonly string[]
  /** Numbers of pitfalls that it shows: `P01`. */
  readonly pitfalls: readonly string[]
}

/** One cell of the matrix. */
export interface PageCell {
  readonly row: string
  readonly column: string
  /** Whom the filter by subject finds it for. */
  readonly subject: string
  readonly word: CellWord
  /** What stands in it; missing: the word. */
  readonly text?: PageText
  readonly isExpected: boolean
  /** Among the stories; null: nothing was violated in it. */
  readonly story: number | null
  /** What there is to say of it. */
  readonly note: PageText
}

/** The head of a row or a column: its name, and what is said when a pointer rests on it. */
export interface PageHead {
  readonly name: string
  readonly title: PageText
}

export interface PageMatrix {
  readonly caption: PageText
  readonly rows: readonly PageHead[]
  readonly columns: readonly PageHead[]
  readonly cells: readonly PageCell[]
}

export interface PageLink {
  readonly title: PageText
  readonly address: string
}

/** A cell of a table: text, how it looks, something small after it, a command to be copied. */
export interface TableCell {
  readonly text: PageText
  readonly look?: string
  readonly small?: string
  readonly command?: string
}

export interface PageTable {
  readonly title: string
  readonly heads: readonly PageText[]
  /** The first cell of each row is its head. */
  readonly rows: readonly (readonly TableCell[])[]
}

/** What sections are made of. In a text `code` and **bold** may be marked. */
export type PagePart =
  | { readonly kind: 'text'; readonly text: PageText }
  | { readonly kind: 'list'; readonly items: readonly PageText[] }
  /** Text in fixed columns: code, settings. */
  | { readonly kind: 'code'; readonly text: PageText }
  | { readonly kind: 'diff'; readonly lines: readonly DiffLine[] }
  /** To be copied. */
  | { readonly kind: 'command'; readonly text: string }
  /** Not to be seen before the reader wants to. */
  | { readonly kind: 'hidden'; readonly summary: string; readonly text: string }
  | { readonly kind: 'links'; readonly links: readonly PageLink[] }
  /** Ways to go on, each with what is there. */
  | {
      readonly kind: 'cards'
      readonly cards: readonly (PageLink & { readonly text: string; readonly mark?: string })[]
    }
  /** Counts, side by side where there is room. */
  | { readonly kind: 'counts'; readonly tables: readonly PageTable[] }
  | { readonly kind: 'table'; readonly look: 'heat' | 'stack'; readonly table: PageTable }

export interface PageSection {
  readonly title: PageText
  readonly parts: readonly PagePart[]
}

/** What a reader says before the story is told. */
export interface PageQuestion {
  readonly before: readonly PageSection[]
  readonly ask: string
  readonly choices: readonly string[]
  /** Which of them is right. */
  readonly answer: number
}

export interface PagePitfall {
  readonly name: InLanguages
  readonly mechanism: InLanguages
  /** The lesson about it, by its name in each language; null: there is none. */
  readonly lesson: { readonly name: string; readonly titles: Readonly<Record<Language, string>> } | null
}

export interface PageData {
  readonly kind: 'run' | 'hunt' | 'replay' | 'frontier' | 'scoreboard' | 'pitfalls' | 'lesson' | 'index'
  readonly engine: string
  /** The one language that its texts are in; null: the reader chooses that of the page's own words. */
  readonly language: Language | null
  /** The verdict on everything. */
  readonly title: PageText
  readonly lead: PageText
  /** Pages around it, named in its head. */
  readonly links: readonly PageLink[]
  readonly facts: readonly (readonly [name: PageText, value: PageText])[]
  readonly counts: readonly (readonly [word: StatusWord, count: number])[]
  /** Null: the story is told at once. */
  readonly question: PageQuestion | null
  /** Worst first. */
  readonly stories: readonly PageStory[]
  /** Groups of cells that are one table each, rows and columns worst first. */
  readonly tables: readonly PageMatrix[]
  /** What follows the stories: what was tried. */
  readonly sections: readonly PageSection[]
  /** Pitfalls that stories name, by their numbers. */
  readonly pitfalls: Readonly<Record<string, PagePitfall>>
  /** Where readers whose browser runs no script find the same in words, and how the page is made again. */
  readonly footer: PageText
}

/** What a page begins with: the worst story. The other stories, the tables and the sections follow when that is painted. */
export interface PageStart extends PageData {
  /** Read or not. */
  readonly storyCount: number
}

/** A page of which nothing is known yet but its title. */
export const EMPTY_PAGE = {
  language: null,
  lead: '',
  links: [],
  facts: [],
  counts: [],
  question: null,
  stories: [],
  tables: [],
  sections: [],
  pitfalls: {},
} satisfies Partial<PageData>

/** The footer of a page that lies beside its report; `same` is how it is made again: `The same hunt gives`. */
export const sameReport = (same: InLanguages): InLanguages => ({
  en: `${same.en} the same page, byte for byte. \`report.md\` and \`report.json\` beside this file say the same.`,
  zh: `${same.zh}逐字节相同的页面。旁边的 \`report.md\` 和 \`report.json\` 内容也相同。`,
})
