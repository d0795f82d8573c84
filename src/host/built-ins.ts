/**
 * The objects that all simulated processes of a thread share with each other and with lockstorm: what the language and Node come with,
 * and the Redis clients. What code under test changes of them is put back when its world is over, so that neither the judge, the next
 * world nor the next subject sees it. Modules are evaluated for each process, and change it again.
 *
 * Does not model  objects for each process: within one world a change is everybody's. So that each process can make it, and that it can be
 *                 put back, none of them can be frozen, and what is defined on them can be defined again.
 *                 What is added to `Reflect` stays: reflect-metadata adds itself, once for all processes.
 *
 * Invariant: what was there when worlds began, also by a test runner's or a library's doing, is what there is when they have ended.
 */
import buffer from 'node:buffer'
import dns from 'node:dns'
import { EventEmitter } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import net from 'node:net'
import stream from 'node:stream'
import { inspect } from 'node:util'
import { dispatch } from './dispatch.ts'
import { realRequire } from './door.ts'

/** Node's own modules that code can reach without importing them: through globals, and through a client. */
const MODULES = ['buffer', 'events', 'stream', 'net', 'tls', 'dns', 'fs', 'timers', 'util', 'crypto', 'http', 'https']

// As they were before any code under test ran: what it replaces is put back with them.
const { ownKeys, getPrototypeOf, setPrototypeOf, getOwnPropertyDescriptor, defineProperty, deleteProperty } = Reflect

/** Whether an object's properties have these values. */
type HasValues = (
  object: Readonly<Record<PropertyKey, unknown>>,
  values: readonly unknown[],
  keys: readonly PropertyKey[],
) => boolean

const comparisons = new Map<string, HasValues>()

/** Compiled for each list of names: read by its name, each in a place of its own, a property costs a fifth of one that is read by a variable. */
function comparisonOf(keys: readonly PropertyKey[]): HasValues {
  const terms = keys.map(
    (key, index) => `object[${typeof key === 'string' ? JSON.stringify(key) : `keys[${index}]`}] === values[${index}]`,
  )
  // What throws when it is read is none of ours.
  const body = `try { return ${['true', ...terms].join(' && ')} } catch { return false }`
  let comparison = comparisons.get(body)
  if (comparison === undefined) {
    comparison = new Function('object', 'values', 'keys', body) as HasValues
    comparisons.set(body, comparison)
  }
  return comparison
}

interface Property {
  readonly key: PropertyKey
  readonly descriptor: PropertyDescriptor
}

type Kind =
  /** What everything inherits, and `globalThis`: what is added is taken away when a world is over. */
  | 'inherited'
  /** Functions and lists: what is added is taken away when all worlds are over, which costs less. */
  | 'language'
  /** The same, but Node keeps books on it, under symbols and names with an underscore. */
  | 'node'
  /** A client adds to itself what it needs, and reflect-metadata to `Reflect` what it is: what is added stays. */
  | 'open'

/** An object that is shared, as it should be. */
class Watched {
  readonly object: Readonly<Record<PropertyKey, unknown>>
  readonly name: string
  readonly kind: Kind
  #parent: object | null = null
  #keys: ReadonlySet<PropertyKey> = new Set()
  /** Of data the value is read, which is fast, and finds a getter in its place as well. */
  #data: readonly Property[] = []
  #keysOfData: readonly PropertyKey[] = []
  #values: readonly unknown[] = []
  #hasValues: HasValues = () => true
  #accessors: readonly Property[] = []

  constructor(object: object, name: string, kind: Kind) {
    this.object = object as Watched['object']
    this.name = name
    this.kind = kind
    this.#remember()
  }

  #remember(): void {
    const keys = ownKeys(this.object)
    this.#keys = new Set(keys)
    this.#parent = getPrototypeOf(this.object)
    const properties = keys.flatMap((key) => {
      const descriptor = getOwnPropertyDescriptor(this.object, key) as PropertyDescriptor
      const { value } = descriptor
      const isFixed = descriptor.configurable === false && descriptor.writable !== true
      return isFixed || (this.kind === 'node' && isBookOfNodes(key, value)) ? [] : [{ key, descriptor }]
    })
    this.#data = properties.filter(({ descriptor }) => 'value' in descriptor)
    this.#keysOfData = this.#data.map(({ key }) => key)
    this.#values = this.#data.map(({ descriptor }) => descriptor.value as unknown)
    this.#hasValues = comparisonOf(this.#keysOfData)
    this.#accessors = properties.filter(({ descriptor }) => !('value' in descriptor))
  }

  get canChange(): boolean {
    return this.kind !== 'open' || this.#data.length + this.#accessors.length > 0
  }

  /** Takes it as it is now for right. */
  accept(): void {
    const isSame = ownKeys(this.object).length === this.#keys.size && getPrototypeOf(this.object) === this.#parent
    if (!isSame || this.#changed(false) !== null) this.#remember()
  }

  /** Puts back what was changed; the name of the first property that was replaced or taken away, or null. */
  putBack(): string | null {
    const changed = this.#changed(true)
    if (this.kind !== 'open' && getPrototypeOf(this.object) !== this.#parent) setPrototypeOf(this.object, this.#parent)
    return changed
  }

  /** Takes away what was added; once the language is as it was. */
  dropAdded(): void {
    if (this.kind === 'open') return
    const keys = ownKeys(this.object)
    if (keys.length <= this.#keys.size) return
    for (const key of keys)
      if (!this.#keys.has(key) && !(this.kind === 'node' && isBookOfNodes(key, null))) deleteProperty(this.object, key)
  }

  /** Loops by index, and nothing is called that could have been replaced. */
  #changed(isPutBack: boolean): string | null {
    const { object } = this
    let first: PropertyKey | null = null
    const isSame = this.#hasValues(object, this.#values, this.#keysOfData)
    for (let index = isSame ? this.#data.length : 0; index < this.#data.length; index += 1) {
      const { key, descriptor } = this.#data[index] as Property
      try {
        if (object[key] === descriptor.value) continue
      } catch {
        // A getter that throws is none of ours.
      }
      first ??= key
      if (isPutBack) defineProperty(object, key, descriptor)
    }
    for (let index = 0; index < this.#accessors.length; index += 1) {
      const { key, descriptor } = this.#accessors[index] as Property
      const now = getOwnPropertyDescriptor(object, key)
      if (now !== undefined && now.get === descriptor.get && now.set === descriptor.set) continue
      first ??= key
      if (isPutBack) defineProperty(object, key, descriptor)
    }
    return first === null ? null : `${this.name}.${typeof first === 'symbol' ? 'a symbol' : first}`
  }
}

/** Books that Node keeps while it works: `process._events`. */
const isBookOfNodes = (key: PropertyKey, value: unknown): boolean =>
  typeof value !== 'function' && (typeof key === 'string' ? key[0] === '_' : !isObject(value))

/** What Node keeps in variables of its own, behind functions and accessors. */
class Setting {
  readonly name: string
  readonly #read: () => unknown
  readonly #write: (value: never) => void
  #value: unknown

  constructor(name: string, read: () => unknown, write: (value: never) => void) {
    this.name = name
    this.#read = read
    this.#write = write
    this.accept()
  }

  accept(): void {
    this.#value = this.#read()
  }

  putBack(): string | null {
    if (this.#read() === this.#value) return null
    this.#write(this.#value as never)
    return this.name
  }
}

const property = (object: object, key: string, name: string): Setting =>
  new Setting(
    `${name}.${key}`,
    () => (object as Record<string, unknown>)[key],
    (value) => {
      ;(object as Record<string, unknown>)[key] = value
    },
  )

const settings = (): readonly Setting[] => [
  property(process, 'exitCode', 'process'),
  property(EventEmitter, 'defaultMaxListeners', 'events'),
  property(EventEmitter, 'captureRejections', 'events'),
  property(buffer, 'INSPECT_MAX_BYTES', 'buffer'),
  property(http, 'globalAgent', 'http'),
  new Setting('net.setDefaultAutoSelectFamily', net.getDefaultAutoSelectFamily, net.setDefaultAutoSelectFamily),
  new Setting('dns.setDefaultResultOrder', dns.getDefaultResultOrder, dns.setDefaultResultOrder),
  ...[true, false].map(
    (isObjects) =>
      new Setting(
        'stream.setDefaultHighWaterMark',
        () => stream.getDefaultHighWaterMark(isObjects),
        (value) => stream.setDefaultHighWaterMark(isObjects, value),
      ),
  ),
]

const clients = new Map<object, string>()
const seen = new Set<object>()
const isSeen = seen.has.bind(seen)
const all: (Watched | Setting)[] = []
const inherited: Watched[] = []

/** Keeps what is watched changeable for simulated processes. */
export function installBuiltIns(): void {
  const { defineProperties } = Object
  const freely = (object: object, key: PropertyKey, descriptor: PropertyDescriptor): PropertyDescriptor =>
    isSeen(object) && isObject(descriptor) && getOwnPropertyDescriptor(object, key)?.configurable !== false
      ? { ...descriptor, configurable: true }
      : descriptor
  const define = Object.defineProperty
  dispatch(Object, 'defineProperty', (_process, object: object, key: PropertyKey, descriptor: PropertyDescriptor) =>
    define(object, key, freely(object, key, descriptor)),
  )
  dispatch(Reflect, 'defineProperty', (_process, object: object, key: PropertyKey, descriptor: PropertyDescriptor) =>
    defineProperty(object, key, freely(object, key, descriptor)),
  )
  dispatch(Object, 'defineProperties', (_process, object: object, properties: PropertyDescriptorMap) => {
    if (!isSeen(object)) return defineProperties(object, properties)
    for (const key of ownKeys(properties))
      define(object, key, freely(object, key, properties[key as string] as PropertyDescriptor))
    return object
  })
  for (const name of ['freeze', 'seal', 'preventExtensions'] as const) {
    const real: (object: object) => object = Object[name]
    dispatch(Object, name, (_process, object: object) => (isSeen(object) ? object : real(object)))
  }
  const { preventExtensions } = Reflect
  dispatch(Reflect, 'preventExtensions', (_process, object: object) => isSeen(object) || preventExtensions(object))
}

/** Watches what the language and Node come with, from now on; calling it again does nothing. */
export function watchBuiltIns(): void {
  if (all.length > 0) return
  for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(globalThis))) {
    if (value === globalThis || value === process) continue
    watch(value, name, name === 'Reflect' ? 'open' : 'language')
    if (typeof value === 'function') watch(value.prototype, `${name}.prototype`, 'inherited')
  }
  // Without a global name: iterators, generators, asynchronous functions.
  const arrayIterator = getPrototypeOf([][Symbol.iterator]()) as object
  const nameless = {
    '%ArrayIteratorPrototype%': arrayIterator,
    '%IteratorPrototype%': getPrototypeOf(arrayIterator),
    '%MapIteratorPrototype%': getPrototypeOf(new Map().entries()),
    '%TypedArray%': getPrototypeOf(Uint8Array),
    '%TypedArrayPrototype%': getPrototypeOf(Uint8Array.prototype),
    '%AsyncFunctionPrototype%': getPrototypeOf(async () => {}),
    '%GeneratorFunctionPrototype%': getPrototypeOf(function* () {}),
  }
  for (const [name, object] of Object.entries(nameless)) watch(object, name, 'inherited')
  for (const name of ['Intl', 'WebAssembly']) watchExports((globalThis as never)[name], name, 'language')
  const parts = {
    crypto: globalThis.crypto,
    'crypto.subtle': globalThis.crypto.subtle,
    'process.hrtime': process.hrtime,
    'util.inspect': inspect,
    'util.inspect.styles': inspect.styles,
    'util.inspect.defaultOptions': inspect.defaultOptions,
  }
  for (const [name, object] of Object.entries(parts)) watch(object, name, 'language')
  const { stdout, stderr } = process
  const instances = {
    process,
    stdout,
    stderr,
    'http.globalAgent': http.globalAgent,
    'https.globalAgent': https.globalAgent,
  }
  for (const [name, object] of Object.entries(instances)) watch(object, name, 'node')
  const require = realRequire(import.meta.url)
  for (const name of MODULES) watchModule(require(`node:${name}`) as object, name)
  for (const [exports, name] of clients) watchExports(exports, name, 'open')
  watch(globalThis, 'globalThis', 'inherited')
  all.push(...settings())
}

/** Watches a module of Node's as soon as code under test has it. */
export function watchModule(exports: object, name: string): void {
  if (!isSeen(exports)) watchExports(exports, name, 'node')
}

/** Watches the functions and classes of a Redis client, as soon as built-ins are watched. */
export function watchClient(exports: object, name: string): void {
  clients.set(exports, name)
  if (all.length > 0) watchExports(exports, name, 'open')
}

function watchExports(exports: object, name: string, kind: Kind): void {
  watch(exports, name, kind)
  watchClass(exports, name, kind)
  // The language hides its names from `Object.keys`; Node hides those that are there no longer, or warn when they are read.
  const names = kind === 'language' ? Object.getOwnPropertyNames(exports) : Object.keys(exports)
  for (const key of names) watchClass((exports as Record<string, unknown>)[key], `${name}.${key}`, kind)
}

/** A class with all that its instances inherit; a function without methods is none. */
function watchClass(value: unknown, name: string, kind: Kind): void {
  if (typeof value !== 'function' || !isObject(value.prototype) || ownKeys(value.prototype).length === 1) return
  watch(value, name, kind)
  for (let made: object | null = value.prototype; made !== null; made = getPrototypeOf(made))
    watch(made, `${name}.prototype`, kind)
}

/** An object; of Node's and of clients also the lists and tables in it, which are settings (`process.argv`). */
function watch(value: unknown, name: string, kind: Kind): void {
  if (!isObject(value) || isSeen(value)) return
  seen.add(value)
  const watched = new Watched(value, name, kind)
  if (watched.canChange) all.push(watched)
  if (kind === 'inherited') inherited.push(watched)
  if (kind === 'node' || kind === 'open')
    for (const [key, table] of tablesIn(value, kind)) watchTable(table, `${name}.${key}`)
}

function watchTable(table: object, name: string): void {
  watch(table, name, 'language')
  for (const [key, part] of tablesIn(table, 'language')) watch(part, `${name}.${key}`, 'language')
}

/** But for what cannot be replaced, which Node keeps books in, and for the prototype of a class. */
function tablesIn(object: object, kind: Kind): readonly (readonly [string, object])[] {
  return Object.entries(Object.getOwnPropertyDescriptors(object)).flatMap(([key, { value, writable }]) => {
    const isLeftOut = writable !== true || key === 'prototype' || (kind === 'node' && isBookOfNodes(key, value))
    return !isLeftOut && isTable(value) ? [[key, value] as const] : []
  })
}

const isTable = (value: unknown): value is object =>
  isObject(value) && (Array.isArray(value) || [null, Object.prototype].includes(getPrototypeOf(value)))

/** Takes what there is now for what is right: before worlds run, it does not matter whose doing it is. */
export function acceptBuiltIns(): void {
  for (const watched of all) watched.accept()
}

/** Takes away what worlds have added, when they are over; nothing that runs in them needs it. */
export function dropAdded(): void {
  for (const watched of all) if (watched instanceof Watched) watched.dropAdded()
}

/**
 * Puts everything back, when a world is over.
 * @returns what was replaced or taken away, if anything was: `Array.prototype.push`
 */
export function putBackBuiltIns(): string | null {
  let changed: string | null = null
  for (let index = 0; index < all.length; index += 1) {
    const name = (all[index] as Watched | Setting).putBack()
    changed ??= name
  }
  for (const watched of inherited) watched.dropAdded()
  return changed
}

const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function'
