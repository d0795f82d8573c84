/**
 * A user's lock file: its default export, or else all its named exports that are locks, session stores or web applications.
 *
 * It is loaded once in a world of its own, to see what it holds; then each simulated process loads it for itself.
 * `import … from 'lockstorm'` is this very lockstorm, whether or not one is installed beside the file. What is a lock is told by
 * its shape, so a file need not use `defineLock`.
 */
import { existsSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { CLIENT_KINDS, type ClientKind } from '../../client/kind.ts'
import { shareModule } from '../../host/modules/shared.ts'
import type { LeaderDefinition } from '../../leader/leader.ts'
import { checkCount, type LockDefinition } from '../../lock/lock.ts'
import type { QueueDefinition } from '../../queue/job-queue.ts'
import type { ReadWriteLockDefinition } from '../../read-write/read-write-lock.ts'
import type { SessionAppDefinition } from '../../session/session-app.ts'
import type { SessionStoreDefinition } from '../../session/session-store.ts'
import { shown } from '../../sim/shown.ts'
import { UsageError } from '../../sim/usage-error.ts'
import { mainOf, type Recognized, recognize, type ShapedFile, speaksAsPeople } from '../../subject/shape/recognize.ts'
import {
  appSubject,
  definitionOf,
  leaderSubject,
  lockSubject,
  queueSubject,
  readWriteSubject,
  type Subject,
  sessionSubject,
} from '../../subject/subject.ts'
import { type Exports, importIn, loadFile } from './load-file.ts'
import { noSuchFile } from './no-such-file.ts'
import { refuseTestFile } from './test-file.ts'

/** What `import … from 'lockstorm'` means inside a user's file. */
export type LockstormApi = Readonly<Record<string, unknown>>

/** What each kind is told by: one of its methods is enough, and what is missing is then said by name; of some all are needed. */
interface Told {
  readonly what: string
  readonly methods: readonly string[]
  /** What sets it apart; missing: any of its methods. */
  readonly telling?: readonly string[]
  readonly isByAll?: true
  readonly make: (candidate: never) => Subject
}

/** In this order. */
const KINDS: readonly Told[] = [
  {
    what: 'read-write lock',
    methods: ['acquireRead', 'acquireWrite', 'release'],
    telling: ['acquireRead', 'acquireWrite'],
    make: (lock: ReadWriteLockDefinition) => readWriteSubject(lock),
  },
  { what: 'lock', methods: ['acquire', 'release'], make: (lock: LockDefinition) => lockSubject(lock) },
  {
    what: 'session store',
    methods: ['load', 'save', 'destroy'],
    make: (store: SessionStoreDefinition) => sessionSubject(store),
  },
  {
    what: 'leader election',
    methods: ['campaign', 'resign'],
    make: (leader: LeaderDefinition) => leaderSubject(leader),
  },
  { what: 'job queue', methods: ['add', 'work'], isByAll: true, make: (queue: QueueDefinition) => queueSubject(queue) },
  { what: 'web application', methods: ['start'], make: (app: SessionAppDefinition) => appSubject(app) },
]

/** `a lock (name, acquire, release), a session store (…), …`. */
const WHAT_THERE_IS = KINDS.map(({ what, methods }) => `a ${what} (${['name', ...methods].join(', ')})`)
const EXAMPLE =
  "export default defineLock({ name: 'my-lock', async acquire(context) { … }, async release(context, lease) { … } })"

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

/** The exports that say themselves what they are. */
const defined = (exported: Exports): readonly [string, Record<string, unknown>][] =>
  Object.entries(exported).flatMap(([name, value]) => (isDefinition(value) ? [[name, value]] : []))

function readUserFile(file: string, api: LockstormApi): UserFile {
  if (!existsSync(file)) throw noSuchFile(file)
  if (statSync(file).isDirectory()) throw new UsageError(file, 'it is a folder', 'name the lock file itself')
  if (!/\.[cm]?[jt]s$/.test(file)) throw new UsageError(file, 'expected a .ts or .js file')
  const text = readFileSync(file, 'utf8')
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

/**
 * Refuses two subjects of one name: their columns and tokens could not be told apart.
 * @throws UsageError
 */
export function checkNames(subjects: readonly { readonly subject: Subject; readonly from: string }[]): void {
  const byName = new Map<string, string>()
  for (const { subject, from } of subjects) {
    const other = byName.get(subject.name)
    if (other !== undefined) {
      const where = other === from ? 'twice in this file' : `also in ${other}`
      throw new UsageError(
        from,
        `the name ${JSON.stringify(subject.name)} is there ${where}`,
        'give one of them another name',
      )
    }
    byName.set(subject.name, from)
  }
}

/** A file as the user named it, with what locks are told by that have no name. */
interface UserFile extends ShapedFile {
  readonly file: string
}

function subjectsOf(read: UserFile, exported: Readonly<Record<string, unknown>>): readonly Subject[] {
  const { file } = read
  // `module.exports = lock` comes as the module itself where it was transformed, and as its default where it was not.
  const isWhole = exported.default === undefined && isDefinition(exported) && typeof exported.name === 'string'
  const { default: main = isWhole ? exported : undefined, ...named } = exported
  if (isDefinition(main)) return [toSubject(file, 'default export', main)]
  const ofMain = mainOf(exported).main === undefined ? [] : recognized(read, { default: main })
  if (ofMain.length > 0) return ofMain
  const locks = defined(named).map(([name, value]) => toSubject(file, `export ${name}`, value))
  const subjects = locks.length > 0 ? locks : recognized(read, named)
  if (subjects.length > 0) {
    checkNames(subjects.map((subject) => ({ subject, from: file })))
    return subjects
  }
  if (main === undefined) {
    throw new UsageError(file, 'it has no default export, and none of its named exports is a lock', EXAMPLE)
  }
  throw new UsageError(
    file,
    `expected the default export to be ${WHAT_THERE_IS.slice(0, -1).join(', ')} or ${WHAT_THERE_IS.at(-1)}, got ${typeName(main)}`,
    EXAMPLE,
  )
}

/**
 * Locks that are told by their shape.
 * @throws UsageError with a question when what they are given is not clear
 */
function recognized(read: UserFile, exported: Readonly<Record<string, unknown>>): readonly Subject[] {
  const { file } = read
  const found = recognize(exported, read)
  const [asked] = found.flatMap(({ question }) => question ?? [])
  if (asked !== undefined) throw new UsageError(file, asked, `lockstorm init ${file} writes the ten lines that say it`)
  return found.map(({ lock, words }) => ({ ...lockSubject(lock), understood: `${file}: ${words}` }))
}

/** What says itself what it is: a lock by `defineLock`, or an object that looks like one. */
const isDefinition = (value: unknown): value is Record<string, unknown> =>
  looksLikeSubject(value) && !speaksAsPeople(value)

const looksLikeSubject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && kindOf(value as Record<string, unknown>) !== undefined

/** The first kind that it looks like. */
function kindOf(candidate: Readonly<Record<string, unknown>>): Told | undefined {
  const has = (method: string): boolean => typeof candidate[method] === 'function'
  return KINDS.find(({ methods, telling = methods, isByAll }) => (isByAll ? methods.every(has) : telling.some(has)))
}

/**
 * The subject that an object is.
 * @throws UsageError when it is none
 */
export function subjectOf(place: string, value: unknown): Subject {
  if (isDefinition(value)) return toSubject(place, 'object', value)
  const [shaped] = shapedAs(place, value)
  if (shaped !== undefined) return shaped
  if (looksLikeSubject(value)) return toSubject(place, 'object', value)
  throw new UsageError(
    place,
    `expected ${WHAT_THERE_IS.join(', ')}, a built-in name or the path of a file, got ${typeName(value)}`,
    EXAMPLE.replace('export default ', ''),
  )
}

/** A lock that is told by its shape, which is all that is known of it: its file is not. */
function shapedAs(place: string, value: unknown): readonly Subject[] {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return []
  const { name } = (typeof value === 'function' ? value : value.constructor) as { readonly name?: string }
  const isNamed = name !== undefined && !['', 'Object', 'default'].includes(name)
  return recognized({ file: place, name: isNamed ? name : 'lock', text: String(value) }, { default: value })
}

function toSubject(file: string, where: string, candidate: Record<string, unknown>): Subject {
  const { name } = candidate
  const { what, methods, make } = kindOf(candidate) as Told
  const missing = methods.filter((method) => typeof candidate[method] !== 'function')
  if (missing.length > 0) {
    const got = missing.map(
      (method) => `${method} is ${candidate[method] === undefined ? 'missing' : typeName(candidate[method])}`,
    )
    throw new UsageError(
      file,
      `the ${where} is no ${what} yet: ${got.join(', ')}`,
      `add ${missing.map((method) => `async ${method}(…) { … }`).join(' and ')}`,
    )
  }
  if (typeof name !== 'string' || name.trim() === '') {
    throw new UsageError(
      file,
      `the ${where} is no ${what} yet: its name is ${name === undefined ? 'missing' : typeof name === 'string' ? 'blank' : typeName(name)}`,
      `add name: 'my-${what.split(' ').at(-1)}'`,
    )
  }
  if (what === 'lock') {
    checkCount(`${file}, ${where}`, 'nodes', candidate.nodes)
    checkCount(`${file}, ${where}`, 'callers', (candidate as { readonly callers?: unknown }).callers)
    checkCount(`${file}, ${where}`, 'limit', (candidate as { readonly limit?: unknown }).limit)
  }
  const { client } = candidate
  if (TAKES_CLIENT.includes(what) && client !== undefined && !CLIENT_KINDS.includes(client as ClientKind)) {
    throw new UsageError(
      file,
      `the ${where} needs a client that there is not: expected ${CLIENT_KINDS.join(', ')}, got ${shown(client)}`,
      'correct it, or leave it out: then it gets what --client says',
    )
  }
  return make(candidate as never)
}

/** What may say which client it needs. */
const TAKES_CLIENT: readonly string[] = ['lock', 'read-write lock', 'job queue', 'leader election']

function typeName(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
