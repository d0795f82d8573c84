/**
 * Which locks, session stores, job queues, elections and read-write locks a run is about: the built-in ones and the user's, cut down by `--only`.
 */
import { bundledSubjects } from '../scenario/bundled-subjects.ts'
import type { Vocabulary } from '../scenario/cross-check.ts'
import { checkNames } from '../scenario/exported-subjects.ts'
import { BUILT_IN } from '../scenario/load.ts'
import { didYouMean } from '../scenario/nearest.ts'
import { UsageError } from '../sim/usage-error.ts'
import { namesByKind, type Subject } from '../subject/subject.ts'

/**
 * The bundled subjects, then the user's, which run wherever they fit.
 * @param own each with where it is from
 * @throws UsageError when one takes a name that is taken
 */
export function withBundled(own: readonly { readonly subject: Subject; readonly from: string }[]): readonly Subject[] {
  const named = [
    ...bundledSubjects().map((subject) => ({ subject, from: 'lockstorm' })),
    ...own.map(({ subject, from }) => ({ subject: { ...subject, reach: 'all' } as Subject, from })),
  ]
  checkNames(named)
  return named.map(({ subject }) => subject)
}

/** Whether the word for a subject is a file; else it is the name of a built-in one. */
export const isLockFile = (word: string): boolean => /\.[cm]?[jt]s$|[/\\]/.test(word)

/**
 * The subjects that `--only` names; all when it names none.
 * @throws UsageError at a name that is none
 */
export function onlySubjects(subjects: readonly Subject[], names: readonly string[]): readonly Subject[] {
  if (names.length === 0) return subjects
  const known = subjects.map(({ name }) => name)
  for (const name of names) {
    if (known.includes(name)) continue
    throw new UsageError('--only', `unknown lock or session store ${JSON.stringify(name)}${didYouMean(name, known)}`)
  }
  return subjects.filter(({ name }) => names.includes(name)).map((subject): Subject => ({ ...subject, reach: 'all' }))
}

/** What scenarios may refer to when these subjects are there. */
export const vocabularyOf = (subjects: readonly Subject[]): Vocabulary => ({
  ...BUILT_IN,
  subjects: namesByKind(subjects),
})
