/**
 * The arguments for a call into code that people have: each parameter gets what its name asks for, and one whose name a minifier
 * took away gets what usually stands in its place. What is not clear is never guessed.
 */
import { type Named, type Parameter, parametersOf, sourceOf, type Wish, wishOf } from './parameters.ts'
import { classesOf, isInjectable, isOptional, type ServiceClass, serviceOf } from './services.ts'

/** What there is to give; a wish that is missing cannot be fulfilled here. */
export type Offer = Partial<Record<Wish, unknown>>

type AnyFunction = (...args: never[]) => unknown

/** How a function is called. */
export interface Call {
  /** What is given for each parameter: a wish, or an object of them by their names; null: nothing. */
  readonly args: readonly (Wish | Readonly<Record<string, Wish>> | null)[]
  /** Names of parameters of which nothing says what they should be. */
  readonly unclear: readonly string[]
  /** Which parameters are services of an injector's, by their places: they are made by `argumentsOf`. */
  readonly services: readonly number[]
}

/** What is known beside a function's own text. */
export interface Knowledge {
  /** What can be given in this call. */
  readonly wishes: ReadonlySet<Wish>
  /** What usually stands in which place. */
  readonly usual: readonly Wish[]
  /** The text of the file, which says what is optional and whether a lease is meant in seconds. */
  readonly text: string
}

/** By file and by what they are about: each simulated process has functions of its own, which are written alike. */
const known = new WeakMap<readonly Wish[], Map<string, Map<string, Call>>>()

/** How `target` is called. */
export function callOf(target: AnyFunction, knowledge: Knowledge): Call {
  const { usual, text } = knowledge
  const source = sourceOf(target)
  const ofFiles = known.get(usual) ?? new Map<string, Map<string, Call>>()
  known.set(usual, ofFiles)
  const ofFile = ofFiles.get(text) ?? new Map<string, Call>()
  ofFiles.set(text, ofFile)
  const before = ofFile.get(source)
  if (before !== undefined) return before
  const call = newCall(target, source, knowledge)
  ofFile.set(source, call)
  return call
}

function newCall(target: AnyFunction, source: string, { wishes, usual, text }: Knowledge): Call {
  const parameters = parametersOf(target)
  if (parameters.length === 0 && target.length > 0) {
    // Bound: its names are gone. One parameter can only be the first of the usual ones.
    const [first = null] = usual
    const services: readonly number[] = []
    return target.length === 1
      ? { args: [first], unclear: [], services }
      : { args: [], unclear: ['its parameters'], services }
  }
  const subject = usual[0] === 'key' ? subjectOf(parameters) : null
  const granted = (name: string): Wish | null => {
    // Where there is none to give back yet, a lease is how long one lasts.
    const wish = name === subject ? 'key' : LEASE.test(name) && !wishes.has('lease') ? 'ttl' : wishOf(name)
    return wish !== null && wishes.has(wish) ? unitOf(wish, name, source, text) : null
  }
  const isFree = ({ name, hasDefault }: Named): boolean =>
    hasDefault || SIGNAL.test(name) || new RegExp(`\\b${escaped(name)}\\?\\s*:`).test(text)
  const taken = new Set(parameters.flatMap((each) => (each.kind === 'plain' ? (granted(each.name) ?? []) : [])))
  const rest = usual.filter((wish) => wishes.has(wish) && !taken.has(wish))
  const unclear: string[] = []
  const classes = classesOf(target)
  const services: number[] = []
  const args = parameters.map((parameter, index): Call['args'][number] => {
    if (parameter.kind === 'object') {
      unclear.push(...parameter.names.filter((each) => granted(each.name) === null && !isFree(each)).map(nameOf))
      return objectOf(parameter.names.map(nameOf), granted)
    }
    const { name } = parameter
    const service = classes[index] ?? null
    const isMade = service !== null && canBeMade(service)
    if (isService(name, text) || (service !== null && isInjectable(service))) {
      if (isMade) services.push(index)
      else if (!isOptional(target, index)) unclear.push(name)
      return null
    }
    const wish = granted(name)
    if (wish !== null) return wish
    if (isMade && !parameter.hasDefault) {
      services.push(index)
      return null
    }
    if (OPTIONS.test(name)) {
      const names = namesReadOf(name, source)
      const given = objectOf(names, granted)
      return parameter.hasDefault && Object.keys(given).length === 0 ? null : given
    }
    if (name.length <= MINIFIED && rest.length > 0) return rest.shift() ?? null
    if (!isFree(parameter) && !isOptional(target, index)) unclear.push(name)
    return null
  })
  return { args, unclear, services }
}

const OPTIONS = /^_?(opt(ion)?s?|config\w*|settings|params?|props|deps|\w+(Options|Config|Opts))$/i
/** Nobody aborts. */
const SIGNAL = /signal$|^abort/i
/** Names as short as this say nothing. */
const MINIFIED = 2

/** Whether its type is a service of the application's, which an injector makes: `redis: RedisService` is no client. */
const isService = (name: string, text: string): boolean =>
  new RegExp(`\\b${escaped(name)}\\??\\s*:\\s*\\w*(Service|Provider|Factory|Manager|Repository)\\b`).test(text)

const LEASE = /^_?lease$/i

/** What is locked by its id, where no parameter is called a key: `acquireLock(threadId, ttlMs)`. Null: none is. */
function subjectOf([first, ...others]: readonly Parameter[]): string | null {
  if (first?.kind !== 'plain' || !/[a-z](Id|Name)$/.test(first.name) || wishOf(first.name) !== null) return null
  const names = others.flatMap((each) => (each.kind === 'plain' ? [each] : each.names)).map(nameOf)
  return names.some((name) => ['key', 'keys'].includes(wishOf(name) ?? '')) ? null : first.name
}

const nameOf = ({ name }: Named): string => name

const escaped = (name: string): string => name.replaceAll('$', '\\$')

const objectOf = (names: readonly string[], granted: (name: string) => Wish | null): Readonly<Record<string, Wish>> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const wish = granted(name)
      return wish === null ? [] : [[name, wish]]
    }),
  )

/** What a function reads of an object of options: `options.ttl`, `const { ttl } = options`. */
function namesReadOf(options: string, source: string): readonly string[] {
  const name = escaped(options)
  const dotted = [...source.matchAll(new RegExp(`\\b${name}\\??\\.([\\w$]+)`, 'g'))].map(([, read = '']) => read)
  const taken = [...source.matchAll(new RegExp(`\\{([^{}]*)\\}\\s*=\\s*${name}\\b`, 'g'))].flatMap(([, list = '']) =>
    list.split(',').flatMap((part) => /^\s*([\w$]+)/.exec(part)?.[1] ?? []),
  )
  return [...new Set([...dotted, ...taken])]
}

/**
 * Whether a lease whose name does not say so is meant in seconds: where the code, or else its file, speaks of seconds to Redis
 * only. What comes of it is measured before a hunt begins.
 */
function unitOf(wish: Wish, name: string, source: string, text: string): Wish {
  if (wish !== 'ttl') return wish
  for (const code of [source, text]) {
    const times = new RegExp(`\\b${escaped(name)}\\s*\\*\\s*1_?000\\b`).test(code)
    const inSeconds = /['"]EX['"]|\bEX\s*:|\bsetex\b|\.expire\(|['"]expire['"]/i.test(code)
    const inMs = /['"]PX['"]|\bPX\s*:|psetex|pexpire/i.test(code)
    if (times) return 'ttlS'
    if (inSeconds !== inMs) return inSeconds && !/\/\s*1_?000\b/.test(code) ? 'ttlS' : 'ttlMs'
  }
  return 'ttlMs'
}

/** What a call gives; `target`: what is called. */
export const argumentsOf = ({ args, services }: Call, offer: Offer, target: AnyFunction): readonly unknown[] =>
  args.map((arg, index) => {
    if (services.includes(index)) return madeService(classesOf(target)[index] as ServiceClass, offer)
    if (arg === null) return undefined
    if (typeof arg === 'string') return offer[arg]
    return Object.fromEntries(Object.entries(arg).map(([name, wish]) => [name, offer[wish]]))
  })

/** How a service is made: as a lock is, of which the text of the file is not known. */
export const callOfService = (type: ServiceClass): Call =>
  callOf(type as unknown as AnyFunction, { wishes: IN_SERVICES, usual: USUAL_IN_SERVICES, text: '' })

const IN_SERVICES: ReadonlySet<Wish> = new Set<Wish>(['redis', 'clients', 'url', 'host', 'port'])
const USUAL_IN_SERVICES: readonly Wish[] = ['redis']

/** How a service is made, as code: `new RedisService(new ConfigService())`. `expressions`: what stands for each wish. */
export function newText(type: ServiceClass, expressions?: Readonly<Record<Wish, string>>): string {
  const { args, services } = callOfService(type)
  const classes = classesOf(type as unknown as AnyFunction)
  const given = args.map((arg, index) =>
    services.includes(index)
      ? newText(classes[index] as ServiceClass, expressions)
      : typeof arg === 'string'
        ? (expressions?.[arg] ?? arg)
        : 'undefined',
  )
  while (given.at(-1) === 'undefined') given.pop()
  return `new ${type.name}(${given.join(', ')})`
}

/** The classes of all services that a call wants, and that these want. */
export const servicesIn = ({ services }: Call, target: AnyFunction): readonly ServiceClass[] => [
  ...new Set(
    services.flatMap((index) => {
      const type = classesOf(target)[index] as ServiceClass
      return [type, ...servicesIn(callOfService(type), type as unknown as AnyFunction)]
    }),
  ),
]

/** Classes that are being looked at: one that wants itself, by whatever way, cannot be made. */
const within = new Set<ServiceClass>()

function canBeMade(type: ServiceClass): boolean {
  if (within.has(type)) return false
  within.add(type)
  try {
    return callOfService(type).unclear.length === 0
  } finally {
    within.delete(type)
  }
}

const madeService = (type: ServiceClass, offer: Offer): object =>
  serviceOf(type, offer.redis as object, () =>
    Reflect.construct(type, argumentsOf(callOfService(type), offer, type as unknown as AnyFunction)),
  )

/** In words what a call is given: `lock(key, { ttl })`. */
export const callText = (name: string, target: AnyFunction): string =>
  `${name}(${parametersOf(target)
    .map((each) => (each.kind === 'plain' ? each.name : `{ ${each.names.map(nameOf).join(', ')} }`))
    .join(', ')})`
