/**
 * The objects that all simulated processes of a thread share with each other and with lockstorm: what the language and Node come with,
 * and the Redis clients. What code under test changes of them is put back when its world is over, so that neither the judge, the next
 * world nor the next subject sees it. Modules are evaluated for each process, and change it again.
 *
 * Does not model  objects for each process: within one world a change is everybody's. What was frozen stays frozen, and what was added
 *                 stays where the language has no prototype (reflect-metadata adds itself to `Reflect`, once for all processes).
 *
 * Invariant: what was there when worlds began, also by a test runner's or a library's doing, is what there is when they have ended.
 */
import { realRequire } from './door.ts'

/** Node's own modules whose functions and classes programs are known to patch. */
const MODULES = ['buffer', 'events', 'stream', 'net', 'tls', 'dns', 'fs', 'timers', 'util', 'crypto', 'http', 'https']

// As they were before any code under test ran: what it replaces is put back with them.
const { ownKeys, getPrototypeOf, setPrototypeOf, getOwnPropertyDescriptor, defineProperty, deleteProperty } = Reflect

interface Property {
  readonly key: PropertyKey
  readonly descriptor: PropertyDescriptor
}

/** An object that is shared, as it should be. */
class Watched {
  readonly object: Readonly<Record<PropertyKey, unknown>>
  readonly name: string
  /** Whether what is added to it is taken away again. */
  readonly isClosed: boolean
  #parent: object | null = null
  #keys: ReadonlySet<PropertyKey> = new Set()
  #properties: readonly Property[] = []

  constructor(object: object, name: string, isClosed: boolean) {
    this.object = object as Watched['object']
    this.name = name
    this.isClosed = isClosed
    this.#remember()
  }

  #remember(): void {
    const keys = ownKeys(this.object)
    this.#keys = new Set(keys)
    this.#parent = getPrototypeOf(this.object)
    this.#properties = keys.flatMap((key) => {
      const descriptor = getOwnPropertyDescriptor(this.object, key) as PropertyDescriptor
      const isFixed = descriptor.configurable === false && descriptor.writable !== true
      // Figures and texts are settings, but for Error.stackTraceLimit; what begins with an underscore (process._events) is Node's own
      // business.
      const isState = 'value' in descriptor && !isObject(descriptor.value) && this.name !== 'Error'
      return isFixed || isState || (typeof key === 'string' && key[0] === '_') ? [] : [{ key, descriptor }]
    })
  }

  get canChange(): boolean {
    return this.isClosed || this.#properties.length > 0
  }

  /** Takes it as it is now for right. */
  accept(): void {
    const isSame = ownKeys(this.object).length === this.#keys.size && getPrototypeOf(this.object) === this.#parent
    if (!isSame || this.#properties.some((property) => this.#isChanged(property))) this.#remember()
  }

  /** Puts back what was changed; the name of the first property that was replaced or taken away, or null. */
  putBack(): string | null {
    // Loops by index, and nothing is called that could have been replaced.
    let changed: string | null = null
    for (let index = 0; index < this.#properties.length; index += 1) {
      const property = this.#properties[index] as Property
      if (!this.#isChanged(property)) continue
      defineProperty(this.object, property.key, property.descriptor)
      changed ??= `${this.name}.${typeof property.key === 'symbol' ? 'a symbol' : property.key}`
    }
    if (this.isClosed && getPrototypeOf(this.object) !== this.#parent) setPrototypeOf(this.object, this.#parent)
    return changed
  }

  /** Takes away what was added; once the language is as it was. */
  dropAdded(): void {
    if (!this.isClosed) return
    const keys = ownKeys(this.object)
    if (keys.length <= this.#keys.size) return
    for (const key of keys) if (!this.#keys.has(key)) deleteProperty(this.object, key)
  }

  /** Of a data property the value is read, which is fast, and finds a getter in its place as well. */
  #isChanged({ key, descriptor }: Property): boolean {
    try {
      if ('value' in descriptor) return this.object[key] !== descriptor.value
      const now = getOwnPropertyDescriptor(this.object, key)
      return now === undefined || now.get !== descriptor.get || now.set !== descriptor.set
    } catch {
      // A getter that throws is none of ours.
      return true
    }
  }
}

const clients = new Map<object, string>()
const seen = new Set<object>()
const all: Watched[] = []

/** Watches what the language and Node come with, from now on; calling it again does nothing. */
export function watchBuiltIns(): void {
  if (all.length > 0) return
  for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(globalThis))) {
    if (value === globalThis) continue
    // Error.prepareStackTrace makes every stack.
    watch(value, name, name === 'Error')
    if (typeof value === 'function') watch(value.prototype, `${name}.prototype`, true)
  }
  // Without a global name: iterators, generators, asynchronous functions.
  const arrayIterator = getPrototypeOf([][Symbol.iterator]()) as object
  watch(arrayIterator, '%ArrayIteratorPrototype%', true)
  watch(getPrototypeOf(arrayIterator), '%IteratorPrototype%', true)
  watch(getPrototypeOf(new Map().entries()), '%MapIteratorPrototype%', true)
  watch(getPrototypeOf(Uint8Array), '%TypedArray%')
  watch(
    getPrototypeOf(async () => {}),
    '%AsyncFunctionPrototype%',
    true,
  )
  watch(
    getPrototypeOf(function* () {}),
    '%GeneratorFunctionPrototype%',
    true,
  )
  const require = realRequire(import.meta.url)
  for (const name of MODULES) watchExports(require(`node:${name}`) as object, name)
  for (const [exports, name] of clients) watchExports(exports, name)
  watch(globalThis, 'globalThis', true)
}

/** Watches the functions and classes of a Redis client, as soon as built-ins are watched. */
export function watchClient(exports: object, name: string): void {
  clients.set(exports, name)
  if (all.length > 0) watchExports(exports, name)
}

function watchExports(exports: object, name: string): void {
  watch(exports, name)
  watchClass(exports, name)
  for (const key of Object.keys(exports)) watchClass((exports as Record<string, unknown>)[key], `${name}.${key}`)
}

/** A class with all that its instances inherit; a function without methods is none. */
function watchClass(value: unknown, name: string): void {
  if (typeof value !== 'function' || !isObject(value.prototype) || ownKeys(value.prototype).length === 1) return
  watch(value, name)
  for (let made: object | null = value.prototype; made !== null; made = getPrototypeOf(made))
    watch(made, `${name}.prototype`)
}

function watch(value: unknown, name: string, isClosed = false): void {
  if (!isObject(value) || seen.has(value)) return
  seen.add(value)
  const watched = new Watched(value, name, isClosed)
  if (watched.canChange) all.push(watched)
}

/** Takes what there is now for what is right: before worlds run, it does not matter whose doing it is. */
export function acceptBuiltIns(): void {
  for (const watched of all) watched.accept()
}

/**
 * Puts everything back, when a world is over.
 * @returns what was replaced or taken away, if anything was: `Array.prototype.push`
 */
export function putBackBuiltIns(): string | null {
  let changed: string | null = null
  for (let index = 0; index < all.length; index += 1) {
    const name = (all[index] as Watched).putBack()
    changed ??= name
  }
  for (const watched of all) watched.dropAdded()
  return changed
}

const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function'
