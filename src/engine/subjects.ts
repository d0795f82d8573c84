/**
 * Which locks, session stores, job queues, elections and read-write locks a run is about: the built-in ones and the user's, cut down by `--only`.
 */
import { bundledSubjects } from '../scenario/bundled-subjects.ts'
import type { Vocabulary } from '../scenario/cross-check.ts'
import { checkNames } from '../scenario/exported-subjects.ts'
import { BUILT_IN } from '../scenario/load.ts'
import { didYouMean } from '../scenario/nearest.ts'
import { type LockstormApi, loadSubjects } from '../scenario/node/load-subject.ts'
import { UsageError } from '../sim/usage-error.ts'
import { namesByKind, type Subject } from '../subject/subject.ts'

/** Loads what `import … from 'lockstorm'` means inside a user's file. */
export type LoadApi = () => Promise<LockstormApi>

/**
 * All subjects: the bundled ones first, then those of the lock files.
 * @throws UsageError when a lock file is wrong, or takes a name that is taken
 */
export async function allSubjects(lockFiles: readonly string[], loadApi: LoadApi): Promise<readonly Subject[]> {
  if (lockFiles.length === 0) return bundledSubjects()
  const api = await loadApi()
  const own: { readonly subject: Subject; readonly from: string }[] = []
  for (const file of lockFiles) {
    for (const subject of await loadSubjects(file, api)) own.push({ subject, from: file })
  }
  return withBundled(own)
}

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
 * The one subject that a word names: a built-in one, or what a lock file has.
 * @param only which of the subjects of a file
 * @throws UsageError when there is none, or several to choose from
 */
export async function oneSubject(word: string, only: readonly string[], loadApi: LoadApi): Promise<Subject> {
  const builtIn = bundledSubjects()
  if (!isLockFile(word)) {
    const found = builtIn.find(({ name }) => name === word)
    if (found !== undefined) return found
    const names = builtIn.map(({ name }) => name)
    throw new UsageError(
      'lock',
      `unknown lock or session store ${JSON.stringify(word)}${didYouMean(word, names)}`,
      'name a built-in one, or a .ts or .js file: ./my-lock.ts',
    )
  }
  const own = (await allSubjects([word], loadApi)).slice(builtIn.length)
  const wanted = only.length === 0 ? own : own.filter(({ name }) => only.includes(name))
  const [first, ...others] = wanted
  const names = own.map(({ name }) => name).join(', ')
  if (first === undefined) throw new UsageError('--only', `${word} has no ${only.join(', ')}`, `it has ${names}`)
  if (others.length > 0) throw new UsageError(word, `it has several subjects: ${names}`, 'choose one with --only NAME')
  return first
}

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
