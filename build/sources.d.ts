/** The source of each built-in subject as one file, by its name; `folder` is `src`. */
export function sources(folder: string): Readonly<Record<string, string>>

/** A file of a lesson: what it is called in lists, and what it is. */
export interface LessonSource {
  /** Its path in the package. */
  readonly name: string
  readonly label: string
  readonly title: string
  readonly kind: 'lock' | 'session'
  /** The client that it needs; null: any. */
  readonly client: string | null
  /** The path of the lesson's storm. */
  readonly storm: string
  readonly text: string
}

/** The files of all lessons; `names` are the lessons in their order, `taken` the names of other subjects. */
export function lessonSources(
  folder: string,
  names: readonly string[],
  taken: ReadonlySet<string>,
): readonly LessonSource[]
