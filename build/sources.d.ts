import type files from 'lockstorm:lessons'

/** The source of each built-in subject as one file, by its name; `folder` is `src`. */
export function sources(folder: string): Readonly<Record<string, string>>

/** The code of each built-in subject as it is shown beside another one's, by its name; `folder` is `src`. */
export function shownCode(folder: string): Readonly<Record<string, string>>

/** The files of all lessons; `names` are the lessons in their order, `taken` the names of other subjects. */
export function lessonSources(folder: string, names: readonly string[], taken: ReadonlySet<string>): typeof files
