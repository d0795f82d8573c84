/**
 * Loading the subjects of a user's files, which takes a world: only who runs worlds imports it.
 */
import { bundledSubjects } from '../scenario/bundled-subjects.ts'
import { didYouMean } from '../scenario/nearest.ts'
import { type LockstormApi, loadSubjects } from '../scenario/node/load-subject.ts'
import { UsageError } from '../sim/usage-error.ts'
import type { Subject } from '../subject/subject.ts'
import { isLockFile, withBundled } from './subjects.ts'

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
      'name a built-in one (lockstorm list locks), or a .ts or .js file: ./my-lock.ts',
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
