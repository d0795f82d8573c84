/**
 * Locks as people have them, told by their shape: a class or a factory with `acquire` and `release` (or `lock` and
 * `unlock`), an object of one, a pair of functions, a function whose result gives the lock back, a `withLock(key, fn)`. What was
 * understood is said in words; what is not clear is a question in one sentence.
 *
 * Does not model  what only the author knows. Nothing is guessed: a wrong guess would be told as a violation.
 */
import type { ClientKind } from '../../client/kind.ts'
import { endsOf } from '../../lock/around.ts'
import { aroundCallback } from '../../lock/callback.ts'
import type { LockDefinition } from '../../lock/lock.ts'
import { argumentsOf, type Call, callText, type Offer } from './arguments.ts'
import { ACQUIRE, type AnyFunction, isAround, LOCKISH, type Methods, methodsOf, takesTask } from './methods.ts'
import { isClass, parametersOf, wishOf } from './parameters.ts'
import { instanceOf, lockOf, offerOf, type Use, unclearText, useCall } from './use.ts'

/** What of a file is a lock. */
export interface Recognized {
  /** The export's name. */
  readonly key: string
  readonly lock: LockDefinition
  /** `class RedisLock, lock(key, ttl), unlock(key, token)` */
  readonly words: string
  /** What is not clear, in one sentence; null: all is. */
  readonly question: string | null
}

/** What is known of the file. */
export interface ShapedFile {
  /** What a lock is called that is the only one in it. */
  readonly name: string
  readonly text: string
}

type Exports = Readonly<Record<string, unknown>>

/**
 * Whether an object is a lock that people have, and no definition: it is made by a class and has no name, or what takes the lock
 * asks for a key, a client, a lease by name where a definition asks for its context.
 */
export function speaksAsPeople(value: object): boolean {
  const methods = methodsOf(value, '')
  if (methods === null) return false
  if (methods.kind === 'around') return true
  const { name } = value as { readonly name?: unknown }
  const isMade = Object.getPrototypeOf(value) !== Object.prototype
  if (isMade && typeof name !== 'string') return true
  const { acquire } = methods
  return (
    !DEFINED.test(acquire.name) ||
    parametersOf(acquire.method).some((each) => each.kind === 'plain' && wishOf(each.name) !== null)
  )
}

/** A definition calls it so. */
const DEFINED = /^acquire$/

/** The locks that a file's exports hold: the default one, or else all others. */
export function recognize(exported: Exports, file: ShapedFile): readonly Recognized[] {
  const { default: main, ...named } = exported
  const ofMain = main === undefined ? null : ofExport('default', main, file)
  if (ofMain !== null) return [ofMain]
  const single = Object.entries(named).flatMap(([key, value]) => ofExport(key, value, file) ?? [])
  const pair = ofPair(named, file)
  const all = [...(pair === null ? [] : [pair]), ...single].filter(({ key }) => !isMadeBefore(named, key))
  const clear = all.filter(({ question }) => question === null)
  const found = clear.length > 0 ? clear : all
  return found.length === 1 ? found : found.map((each) => ({ ...each, lock: { ...each.lock, name: each.key } }))
}

/** A class of which the file has an object, too: that one is meant. */
const isMadeBefore = (named: Exports, key: string): boolean => {
  const value = named[key]
  return (
    typeof value === 'function' &&
    isClass(value as AnyFunction) &&
    Object.values(named).some(
      (other) => typeof other === 'object' && other instanceof (value as unknown as new () => object),
    )
  )
}

function ofExport(key: string, value: unknown, file: ShapedFile): Recognized | null {
  if (typeof value === 'function') {
    const target = value as AnyFunction
    return isClass(target) ? ofClass(key, target, file) : ofFunction(key, target, file)
  }
  return typeof value === 'object' && value !== null ? ofObject(key, value, file) : null
}

const titleOf = (key: string, { name }: AnyFunction): string =>
  name === '' || name === 'default' || name === '_class' ? key : name

function ofClass(key: string, target: AnyFunction, { name, text }: ShapedFile): Recognized | null {
  const title = titleOf(key, target)
  const methods = methodsOf(target.prototype as object, title)
  if (methods === null) return null
  const use = { title: `class ${title}`, text }
  const making = useCall('make', target, use)
  const make = (offer: Offer): object => Reflect.construct(target, argumentsOf(making, offer)) as object
  return {
    key,
    lock: withClient(lockOf(name, instanceOf(make, making), use), text),
    words: `${use.title}, ${methodsText(methods)}`,
    question: questionOf([[`new ${callText(title, target)}`, making], ...callsOf(methods, use)]),
  }
}

function ofFunction(key: string, target: AnyFunction, file: ShapedFile): Recognized | null {
  const { name, text } = file
  const title = titleOf(key, target)
  const use = { title, text }
  const told = callText(title, target)
  // A default export that takes a callback has been named as a lock by the one who hunts it.
  if (isAround(title, target, name) || (key === 'default' && takesTask(target))) {
    const running = useCall('run', target, use)
    const around = aroundCallback((context, task) =>
      target(...(argumentsOf(running, { ...offerOf(context), task }) as never[])),
    )
    return {
      key,
      lock: withClient({ name, blocking: true, ...endsOf(around) }, text),
      words: `function ${told}`,
      question: questionOf([[told, running]]),
    }
  }
  if (ACQUIRE.test(title)) {
    const methods: Methods = { kind: 'ends', acquire: { name: title, method: target }, release: null }
    return key === 'default' ? ofFunctions(key, { [title]: target }, methods, use, name) : null
  }
  if (!(FACTORY.test(title) && LOCKISH.test(title)) && key !== 'default') return null
  const making = useCall('make', target, use)
  if (key === 'default' && target.length === 0 && !FACTORY.test(title)) return null
  const make = (offer: Offer): object => target(...(argumentsOf(making, offer) as never[])) as object
  return {
    key,
    lock: withClient(lockOf(name, instanceOf(make, making), use), text),
    words: `factory ${told}`,
    question: questionOf([[told, making]]),
  }
}

const FACTORY = /^(create|make|new|build|get|setup|init)\w*/i

/** An object that the file makes itself. */
function ofObject(key: string, value: object, { name, text }: ShapedFile): Recognized | null {
  const maker = value.constructor as { readonly name: string } | undefined
  const isPlain = maker === Object || maker === undefined
  const title = isPlain
    ? key === 'default'
      ? 'functions'
      : `object ${key}`
    : `${maker.name} ${key === 'default' ? '' : key}`.trim()
  const methods = methodsOf(value, `${title} ${name}`)
  if (methods === null) return null
  const use = { title, text }
  return {
    key,
    lock: withClient(
      lockOf(name, () => value, use),
      text,
    ),
    words: `${title}, ${methodsText(methods)}`,
    question: questionOf(callsOf(methods, use)),
  }
}

/** Two functions of one file: `acquireLock` and `releaseLock`; or one whose result gives the lock back. */
function ofPair(named: Exports, { name, text }: ShapedFile): Recognized | null {
  const functions = Object.fromEntries(
    Object.entries(named).filter(([, value]) => typeof value === 'function' && !isClass(value as AnyFunction)),
  ) as Record<string, AnyFunction>
  const methods = methodsOf(functions, '')
  if (methods?.kind !== 'ends') return null
  return ofFunctions(methods.acquire.name, functions, methods, { title: 'functions', text }, name)
}

function ofFunctions(key: string, functions: object, methods: Methods, { text }: Use, name: string): Recognized {
  const count = methods.kind === 'ends' && methods.release !== null ? 'functions' : 'function'
  const use = { title: count, text }
  return {
    key,
    lock: withClient(
      lockOf(name, () => functions, use),
      text,
    ),
    words: `${count} ${methodsText(methods)}`,
    question: questionOf(callsOf(methods, use)),
  }
}

const methodsText = (methods: Methods): string =>
  methods.kind === 'around'
    ? callText(methods.around.name, methods.around.method)
    : [methods.acquire, methods.release]
        .flatMap((each) => (each === null ? [] : callText(each.name, each.method)))
        .join(', ')

const callsOf = (methods: Methods, use: Use): readonly (readonly [string, Call])[] =>
  methods.kind === 'around'
    ? [[callText(methods.around.name, methods.around.method), useCall('run', methods.around.method, use)]]
    : [
        [callText(methods.acquire.name, methods.acquire.method), useCall('take', methods.acquire.method, use)],
        ...(methods.release === null
          ? []
          : ([
              [
                callText(methods.release.name, methods.release.method),
                useCall('giveBack', methods.release.method, use),
              ],
            ] as const)),
      ]

function questionOf(calls: readonly (readonly [string, Call])[]): string | null {
  const asked = calls.find(([, { unclear }]) => unclear.length > 0)
  return asked === undefined ? null : unclearText(asked[0], asked[1].unclear)
}

/** The client whose commands a file speaks, when it is not ioredis. */
const SPEAKS: readonly (readonly [RegExp, ClientKind])[] = [
  [/(from|require\()\s*['"](redis|@redis\/client)['"]/, 'node-redis'],
  [/(from|require\()\s*['"]ioredis['"]/, 'ioredis'],
  [/(from|require\()\s*['"]iovalkey['"]/, 'iovalkey'],
  [/\bNX\s*:\s*true|\.(setNX|pExpire|sendCommand)\(|\barguments\s*:\s*\[/, 'node-redis'],
]

function withClient(lock: LockDefinition, text: string): LockDefinition {
  const client = SPEAKS.find(([pattern]) => pattern.test(text))?.[1]
  return client === undefined || client === 'ioredis' ? lock : { ...lock, client }
}
