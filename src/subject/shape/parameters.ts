/**
 * The names of a function's parameters, and what each asks for: how a lock that people have says what it wants.
 *
 *   acquire(key, ttlMs)          key, lease in ms
 *   lock(resource, { ttl = 5 })  key, an object with a lease
 *   new RedisLock(redis, name)   the client, key
 *
 * Models          plain, destructured and defaulted parameters; TypeScript's `public` ones once they are compiled; constructors
 *                 that a class inherits.
 * Does not model  names that a minifier took away: then the position decides.
 */

/** What a parameter asks for. */
export type Wish =
  | 'key'
  | 'keys'
  | 'prefix'
  /** A lease whose unit its name does not say. */
  | 'ttl'
  | 'ttlMs'
  | 'ttlS'
  | 'token'
  | 'redis'
  | 'clients'
  | 'url'
  | 'host'
  | 'port'
  | 'task'
  | 'lease'

/** One name, and whether the function does without. */
export interface Named {
  readonly name: string
  readonly hasDefault: boolean
}

export type Parameter =
  | ({ readonly kind: 'plain' } & Named)
  /** `{ redis, ttl }`: the names that it takes out of one object. */
  | { readonly kind: 'object'; readonly names: readonly Named[]; readonly hasDefault: boolean }

const LEASE =
  /(?<!hro)ttl|expir|duration|lease.?(ms|time|sec|duration|period)|time_?out|lock.?time|^_?(ms|millis\w*|sec|secs|seconds)$/i
const SECONDS = /(s|sec|secs|seconds)$/i
const MILLISECONDS = /(ms|msec|msecs|millis|milliseconds)$/i

const WISHES: readonly (readonly [RegExp, Wish])[] = [
  [
    /^_?(fn|func|function|callback|cb|done|task|work|handler|job|action|run|routine|critical\w*|body|operation)$|\w(Callback|Fn|Func|Task|Handler|Routine)$|^(task|work)(To|ToRun|ToDo)\w*$/i,
    'task',
  ],
  [/prefix|namespace/i, 'prefix'],
  [/^_?(keys|resources|names)$/i, 'keys'],
  [/key$|^_?(lock|resource).?(name|id)$/i, 'key'],
  [/(client|owner|instance|worker|process|node|holder|session|request|caller).?(id|name|uuid)$/i, 'token'],
  [/^_?(redis)?_?(clients|nodes|servers|instances|connections)$/i, 'clients'],
  [/redis_?(url|uri)|^_?(url|uri|dsn|connection_?string)$/i, 'url'],
  [/^_?(redis_?)?(host|hostname)$/i, 'host'],
  [/^_?(redis_?)?port$/i, 'port'],
  [/^_?(io)?redis(_?(client|conn|connection|db|instance))?$|^_?(redis_?)?(client|conn|connection|db)$/i, 'redis'],
  [/token|owner|identifier|uuid|nonce|secret|holder|^_?(value|val|who|(lock|random|unique)_?value)$/i, 'token'],
  [/resource|^_?(name|id|topic|path|mutex_?name)$/i, 'key'],
  [/^_?(lock|lease|handle|mutex|acquired|held)$/i, 'lease'],
]

/** What a name asks for; null: it does not say. */
export function wishOf(name: string): Wish | null {
  if (LEASE.test(name)) {
    // `expiresInMs`: not seconds, though it ends in s. `expires` ends in one, too.
    if (MILLISECONDS.test(name)) return 'ttlMs'
    return SECONDS.test(name) && !/(expire|expiration|duration|timeout)s$/.test(name) ? 'ttlS' : 'ttl'
  }
  return WISHES.find(([pattern]) => pattern.test(name))?.[1] ?? null
}

type AnyFunction = (...args: never[]) => unknown

/** Whether it must be called with `new`: a class, or a function of old whose prototype has methods. */
export function isClass(target: AnyFunction): boolean {
  if (/^class\b/.test(sourceOf(target))) return true
  const { prototype } = target as { readonly prototype?: object }
  return prototype !== undefined && Object.getOwnPropertyNames(prototype).some((name) => name !== 'constructor')
}

/** The text of a function as it was written. */
export const sourceOf = (target: AnyFunction): string => Function.prototype.toString.call(target)

/** By their text: each simulated process has functions of its own, which are written alike. */
const known = new Map<string, readonly Parameter[]>()

/** The parameters of a function, or of the constructor of a class. */
export function parametersOf(target: AnyFunction): readonly Parameter[] {
  const source = sourceOf(target)
  const before = known.get(source)
  if (before !== undefined) return before
  const code = codeOf(source)
  const parameters = /^class\b/.test(code) ? ofConstructor(target, code) : listOf(code)
  known.set(source, parameters)
  return parameters
}

function ofConstructor(target: AnyFunction, code: string): readonly Parameter[] {
  const at = /\bconstructor\s*\(/.exec(code)
  if (at !== null) return listOf(code.slice(at.index))
  const parent = Object.getPrototypeOf(target) as AnyFunction
  return parent === Function.prototype ? [] : parametersOf(parent)
}

function listOf(code: string): readonly Parameter[] {
  // `key => …` has no parentheses.
  const bare = /^(?:async\s+)?([\w$]+)\s*=>/.exec(code)
  if (bare !== null) return [{ kind: 'plain', name: bare[1] as string, hasDefault: false }]
  const open = code.indexOf('(')
  if (open < 0) return []
  return splitTop(code.slice(open + 1, closing(code, open))).map((part): Parameter => {
    const trimmed = part.trim()
    if (!trimmed.startsWith('{')) return { kind: 'plain', ...namedOf(trimmed) }
    const end = closing(trimmed, 0)
    return {
      kind: 'object',
      names: splitTop(trimmed.slice(1, end)).map(namedOf),
      hasDefault: trimmed.slice(end + 1).includes('='),
    }
  })
}

/** `name`, `name = 5`, `name: { … }`, `...names`. */
function namedOf(part: string): Named {
  const text = part.trim()
  const isRest = text.startsWith('...')
  const name = /^[\w$]+/.exec(text.replace(/^\.\.\./, ''))?.[0] ?? ''
  return { name, hasDefault: isRest || /[^=!<>]=[^=>]/.test(text) }
}

/** The code without comments, and with empty texts. */
const codeOf = (text: string): string =>
  text.replace(
    /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\[\s\S])*`/g,
    (found) => (found.startsWith('/') ? '' : "''"),
  )

const OPENING = new Set(['(', '[', '{'])
const CLOSING = new Set([')', ']', '}'])

/** The place of the bracket that closes the one at `open`; the end when none does. */
function closing(text: string, open: number): number {
  let depth = 0
  for (let index = open; index < text.length; index += 1) {
    const char = text[index] as string
    if (OPENING.has(char)) depth += 1
    else if (CLOSING.has(char) && --depth === 0) return index
  }
  return text.length
}

/** The parts between commas that stand in no bracket. */
function splitTop(text: string): readonly string[] {
  const parts: string[] = []
  let depth = 0
  let from = 0
  for (let index = 0; index <= text.length; index += 1) {
    const char = text[index]
    if (char !== undefined && OPENING.has(char)) depth += 1
    else if (char !== undefined && CLOSING.has(char)) depth -= 1
    else if (char === undefined || (char === ',' && depth === 0)) {
      parts.push(text.slice(from, index))
      from = index + 1
    }
  }
  return parts.filter((part) => part.trim() !== '')
}
