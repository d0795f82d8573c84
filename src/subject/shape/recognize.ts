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
import { assertNever } from '../../sim/assert.ts'
import { argumentsOf, type Call, callText, newText, type Offer } from './arguments.ts'
import {
  ACQUIRE,
  type AnyFunction,
  isAround,
  LOCKISH,
  type Method,
  type Methods,
  methodsOf,
  takesTask,
} from './methods.ts'
import { isClass, parametersOf, wishOf } from './parameters.ts'
import { classesOf, type ServiceClass } from './services.ts'
import { instanceOf, lockOf, offerOf, type Use, unclearText, useCall } from './use.ts'

/** How a lock is had from an export. */
export type Form =
  /** By `new`, or by calling a factory; `methods` null: what comes of it is seen when it is there. */
  | {
      readonly kind: 'class' | 'factory'
      readonly target: Method
      readonly making: Call
      readonly methods: Methods | null
    }
  /** It is an object that the file makes; `title`: what it is called. */
  | { readonly kind: 'object'; readonly title: string; readonly target: object; readonly methods: Methods }
  /** Its functions are called, of which each is an export of its own or a member of the default one. */
  | { readonly kind: 'functions'; readonly target: object; readonly methods: Methods }
  /** It is a function that runs a callback under a lock. */
  | { readonly kind: 'around'; readonly target: Method }

/** What of a file is a lock. */
export interface Recognized {
  /** The export's name. */
  readonly key: string
  readonly form: Form
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

/** The default export, and the others; of CommonJS, which has them all in one object, there are only these. */
export function mainOf({ default: main, ...named }: Exports): { readonly main: unknown; readonly named: Exports } {
  const isWhole =
    typeof main === 'object' &&
    main !== null &&
    main.constructor === Object &&
    Object.keys(main).length > 0 &&
    Object.entries(main).every(([name, value]) => named[name] === value)
  return { main: isWhole ? undefined : main, named }
}

/** The locks that a file's exports hold: the default one, or else all others. */
export function recognize(exported: Exports, file: ShapedFile): readonly Recognized[] {
  const { main, named } = mainOf(exported)
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
  const form =
    typeof value === 'function'
      ? formOfFunction(key, value as AnyFunction, file)
      : typeof value === 'object' && value !== null
        ? formOfObject(key, value, file)
        : null
  return form === null ? null : recognizedAs(key, form, file)
}

/** Two functions of one file: `acquireLock` and `releaseLock`; or one whose result gives the lock back. */
function ofPair(named: Exports, file: ShapedFile): Recognized | null {
  const target = Object.fromEntries(
    Object.entries(named).filter(([, value]) => typeof value === 'function' && !isClass(value as AnyFunction)),
  )
  const methods = methodsOf(target, '')
  if (methods?.kind !== 'ends') return null
  return recognizedAs(methods.acquire.name, { kind: 'functions', target, methods }, file)
}

function formOfFunction(key: string, method: AnyFunction, file: ShapedFile): Form | null {
  const isNamed = method.name !== '' && method.name !== 'default' && method.name !== '_class'
  const target: Method = { name: isNamed ? method.name : key, method }
  const { name } = target
  const use = { title: name, text: file.text }
  if (isClass(method)) {
    const methods = methodsOf(method.prototype as object, name)
    return methods === null ? null : { kind: 'class', target, making: useCall('make', method, use), methods }
  }
  // A default export that takes a callback has been named as a lock by the one who hunts it.
  const isMain = key === 'default'
  if (isAround(name, method, file.name) || (isMain && takesTask(method))) return { kind: 'around', target }
  if (ACQUIRE.test(name)) {
    const methods: Methods = { kind: 'ends', acquire: target, release: null }
    return isMain ? { kind: 'functions', target: { [name]: method }, methods } : null
  }
  const isFactory = FACTORY.test(name) && (isMain || LOCKISH.test(name))
  if (!isFactory && !(isMain && method.length > 0)) return null
  return { kind: 'factory', target, making: useCall('make', method, use), methods: null }
}

const FACTORY = /^(create|make|new|build|get|setup|init)\w*/i

/** An object that the file makes itself. */
function formOfObject(key: string, target: object, file: ShapedFile): Form | null {
  const maker = target.constructor as { readonly name: string } | undefined
  const isPlain = maker === Object || maker === undefined
  const title = isPlain ? `object ${key}` : `${maker.name} ${key === 'default' ? '' : key}`.trim()
  const methods = methodsOf(target, `${title} ${file.name}`)
  if (methods === null) return null
  return isPlain && key === 'default'
    ? { kind: 'functions', target, methods }
    : { kind: 'object', title, target, methods }
}

function recognizedAs(key: string, form: Form, { name, text }: ShapedFile): Recognized {
  const title = titleOf(form)
  const use = { title, text }
  return {
    key,
    form,
    lock: withClient(lockIn(form, name, use), text),
    words: wordsOf(form, title) + servicesText(form),
    question: questionOf(callsOf(form, use)),
  }
}

function titleOf(form: Form): string {
  switch (form.kind) {
    case 'class':
    case 'around':
      return `${form.kind === 'class' ? 'class' : 'function'} ${form.target.name}`
    case 'factory':
      return `factory ${callText(form.target.name, form.target.method)}`
    case 'object':
      return form.title
    case 'functions':
      return form.methods.kind === 'ends' && form.methods.release !== null ? 'functions' : 'function'
    default:
      return assertNever(form)
  }
}

function wordsOf(form: Form, title: string): string {
  if (form.kind === 'around') return `function ${callText(form.target.name, form.target.method)}`
  if (form.methods === null) return title
  return `${title}${form.kind === 'functions' ? '' : ','} ${methodsText(form.methods)}`
}

/** What an injector would have made is told: a wrong one would be tested in its place. */
function servicesText(form: Form): string {
  if (!('making' in form) || form.making.services.length === 0) return ''
  const classes = classesOf(form.target.method)
  return `, made with ${form.making.services.map((index) => newText(classes[index] as ServiceClass)).join(', ')}`
}

function lockIn(form: Form, name: string, use: Use): LockDefinition {
  switch (form.kind) {
    case 'class':
    case 'factory': {
      const { kind, target, making } = form
      const make = (offer: Offer): object => {
        const args = argumentsOf(making, offer, target.method)
        return (
          kind === 'class'
            ? Reflect.construct(target.method, args)
            : (target.method as (...given: readonly unknown[]) => unknown)(...args)
        ) as object
      }
      return lockOf(name, instanceOf(make, making), use)
    }
    case 'object':
    case 'functions':
      return lockOf(name, () => form.target, use)
    case 'around': {
      const { method } = form.target
      const call = useCall('run', method, use)
      const around = aroundCallback((context, task) =>
        method(...(argumentsOf(call, { ...offerOf(context), task }, method) as never[])),
      )
      return { name, blocking: true, ...endsOf(around) }
    }
    default:
      return assertNever(form)
  }
}

const methodsText = (methods: Methods): string =>
  methods.kind === 'around'
    ? callText(methods.around.name, methods.around.method)
    : [methods.acquire, methods.release]
        .flatMap((each) => (each === null ? [] : callText(each.name, each.method)))
        .join(', ')

/** Each call of a form, with its text. */
function callsOf(form: Form, use: Use): readonly (readonly [string, Call])[] {
  const called = (kind: Parameters<typeof useCall>[0], { name, method }: Method): readonly [string, Call] => [
    callText(name, method),
    useCall(kind, method, use),
  ]
  if (form.kind === 'around') return [called('run', form.target)]
  const { methods } = form
  const calls: (readonly [string, Call])[] = []
  if ('making' in form) {
    const text = callText(form.target.name, form.target.method)
    calls.push([form.kind === 'class' ? `new ${text}` : text, form.making])
  }
  if (methods?.kind === 'around') calls.push(called('run', methods.around))
  if (methods?.kind === 'ends') calls.push(called('take', methods.acquire))
  if (methods?.kind === 'ends' && methods.release !== null) calls.push(called('giveBack', methods.release))
  return calls
}

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

/** The client that a file speaks to; undefined: it does not say. */
export const clientIn = (text: string): ClientKind | undefined => SPEAKS.find(([pattern]) => pattern.test(text))?.[1]

function withClient(lock: LockDefinition, text: string): LockDefinition {
  const client = clientIn(text)
  return client === undefined || client === 'ioredis' ? lock : { ...lock, client }
}
