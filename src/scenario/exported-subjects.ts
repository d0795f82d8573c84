/**
 * What the exports of a user's file are: what says itself that it is a lock, a session store or a web application, or else what has the
 * shape of a lock.
 */
import { CLIENT_KINDS, type ClientKind } from '../client/kind.ts'
import type { LeaderDefinition } from '../leader/leader.ts'
import { checkCount, checkService, type LockDefinition } from '../lock/lock.ts'
import type { QueueDefinition } from '../queue/job-queue.ts'
import type { ReadWriteLockDefinition } from '../read-write/read-write-lock.ts'
import type { SessionAppDefinition } from '../session/session-app.ts'
import type { SessionStoreDefinition } from '../session/session-store.ts'
import { shown } from '../sim/shown.ts'
import { UsageError } from '../sim/usage-error.ts'
import { mainOf, recognize, type ShapedFile, speaksAsPeople } from '../subject/shape/recognize.ts'
import {
  appSubject,
  leaderSubject,
  lockSubject,
  queueSubject,
  readWriteSubject,
  type Subject,
  sessionSubject,
} from '../subject/subject.ts'

/** By their names. */
export type Exports = Readonly<Record<string, unknown>>

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

/** A file as the user named it, with what locks are told by that have no name. */
export interface UserFile extends ShapedFile {
  readonly file: string
}

/**
 * The subjects that a file's exports are: the default one, or else all others that are any.
 * @throws UsageError when there is none, or what there is is not clear
 */
export function subjectsOf(read: UserFile, exported: Exports): readonly Subject[] {
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
function recognized(read: UserFile, exported: Exports): readonly Subject[] {
  const { file } = read
  const found = recognize(exported, read)
  const [asked] = found.flatMap(({ question }) => question ?? [])
  if (asked !== undefined) throw new UsageError(file, asked, `lockstorm init ${file} writes the ten lines that say it`)
  return found.map(({ lock, words }) => ({ ...lockSubject(lock), understood: `${file}: ${words}` }))
}

/** What says itself what it is: a lock by `defineLock`, or an object that looks like one. */
export const isDefinition = (value: unknown): value is Record<string, unknown> =>
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

/**
 * A subject that says itself what it is.
 * @throws UsageError when something of it is missing or wrong
 */
export function toSubject(file: string, where: string, candidate: Record<string, unknown>): Subject {
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
    checkService(`${file}, ${where}`, candidate)
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

/** The exports that say themselves what they are. */
export const defined = (exported: Exports): readonly [string, Record<string, unknown>][] =>
  Object.entries(exported).flatMap(([name, value]) => (isDefinition(value) ? [[name, value]] : []))

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
