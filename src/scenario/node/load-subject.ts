/**
 * A user's lock file: its default export, or else all its named exports that are locks, session stores or web applications.
 *
 * It is loaded once in a world of its own, to see what it holds; then each simulated process loads it for itself.
 * `import … from 'lockstorm'` is this very lockstorm, whether or not one is installed beside the file. What is a lock is told by
 * its shape, so a file need not use `defineLock`.
 */
import { existsSync, statSync } from 'node:fs'
import path from 'node:path'
import { shareModule } from '../../host/modules/shared.ts'
import { UsageError } from '../../sim/usage-error.ts'
import { type Recognized, recognize, type ShapedFile } from '../../subject/shape/recognize.ts'
import { definitionOf, type Subject } from '../../subject/subject.ts'
import { defined, isDefinition, subjectsOf, toSubject, type UserFile } from '../exported-subjects.ts'
import { importIn, loadFile } from './load-file.ts'
import { readNamed } from './named-file.ts'
import { noSuchFile } from './no-such-file.ts'
import { refuseTestFile } from './test-file.ts'

/** What `import … from 'lockstorm'` means inside a user's file. */
export type LockstormApi = Readonly<Record<string, unknown>>

/**
 * The subjects of a file, in the order of its exports.
 * @throws UsageError when it is missing, broken, throws, or has no subject
 */
export async function loadSubjects(file: string, api: LockstormApi): Promise<readonly Subject[]> {
  const read = readUserFile(file, api)
  const absolute = path.resolve(file)
  const exported = await loadFile(file, absolute)
  return subjectsOf(read, exported).map((subject, index) => {
    const name = defined(exported).find(([, value]) => value === definitionOf(subject))?.[0]
    return {
      ...subject,
      file: absolute,
      in: async (process) => {
        const own = await importIn(process, absolute)
        const value = name === undefined ? undefined : own[name]
        // What says itself what it is need not be looked for among all that the file exports.
        return isDefinition(value)
          ? toSubject(file, `export ${name}`, value)
          : (subjectsOf(read, own)[index] as Subject)
      },
    }
  })
}

/** No one writes so much code; a bundle of everything is smaller, too. */
const CODE_BYTES_MAX = 2 ** 26

function readUserFile(file: string, api: LockstormApi): UserFile {
  if (!existsSync(file)) throw noSuchFile(file)
  if (statSync(file).isDirectory()) throw new UsageError(file, 'it is a folder', 'name the lock file itself')
  if (!/\.[cm]?[jt]s$/.test(file)) throw new UsageError(file, 'expected a .ts or .js file')
  const text = readNamed(file, CODE_BYTES_MAX)
  refuseTestFile(file, text)
  shareModule('lockstorm', api)
  return { file, text, name: path.basename(file).replace(/(\.lock)?\.[cm]?[jt]s$/, '') }
}

/** What of a user's file needs an adapter. */
export interface Shapes {
  readonly file: ShapedFile
  /** The locks in it; none: it says itself what it holds, or nothing in it looks like one. */
  readonly locks: readonly Recognized[]
  readonly isDefined: boolean
  readonly exported: readonly string[]
}

/**
 * The locks of a file by their shapes, also where something about them is not clear.
 * @throws UsageError when it is missing, broken, throws, or is a test file
 */
export async function loadShapes(file: string, api: LockstormApi): Promise<Shapes> {
  const read = readUserFile(file, api)
  const exported = await loadFile(file, path.resolve(file))
  const isDefined = [exported, ...Object.values(exported)].some(
    (value) => isDefinition(value) && typeof value.name === 'string',
  )
  return { file: read, locks: isDefined ? [] : recognize(exported, read), isDefined, exported: Object.keys(exported) }
}
