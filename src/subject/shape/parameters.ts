/**
 * The names of a function's parameters, and what each asks for: how a lock that people have says what it wants.
 *
 *   acquire(key, ttlMs)          key, lease in ms
 *   lock(resource, { ttl = 5 })  key, an object with a lease
 *   new RedisLock(redis, name)   the client, key
 *
 * Models          plain, destructured and defaulted parameters, TypeScript's `public` ones once they are compiled.
 * Does not model  names that a minifier took away: then the position decides.
 */

/** What a parameter asks for. */
export type Wish =
  | 'key'
  | 'keys'
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

export type Parameter =
  | { readonly kind: 'plain'; readonly name: string }
  /** `{ redis, ttl }`: the names that it takes out of one object. */
  | { readonly kind: 'object'; readonly names: readonly string[] }

const WISHES: readonly (readonly [RegExp, Wish])[] = [
  [/^(redis)?(clients|nodes|servers|instances|connections)$/i, 'clients'],
  [/redis.?(url|uri)|^(url|uri|dsn|connection.?string)$/i, 'url'],
  [/^_?(host|hostname)$/i, 'host'],
  [/^_?port$/i, 'port'],
  [/redis|client|^_?conn(ection)?$|^_?db$/i, 'redis'],
  [/^_?(fn|func|function|callback|cb|task|work|handler|job|action|run|routine|critical\w*|body|operation)$/i, 'task'],
  [
    /(ttl|timeout|expir\w*|duration|lease|lock.?time)\w*?(s|sec|secs|seconds)$|^(sec|secs|seconds)$|InSeconds$/i,
    'ttlS',
  ],
  [/ttl|^(ms|millis\w*)$|duration|expir|lease.?(ms|time|duration)|timeout|lock.?time/i, 'ttlMs'],
  [/^_?(keys|resources)$/i, 'keys'],
  [/token|owner|identifier|uuid|^_?(value|secret|nonce|who|holder)$/i, 'token'],
  [/key|resource|^_?(name|id|lock.?name|lock.?id|topic|path)$/i, 'key'],
  [/^_?(lock|lease|handle|mutex|acquired|held)$/i, 'lease'],
]

/** What a name asks for; null: it does not say. */
export function wishOf(name: string): Wish | null {
  // `expiresInMs`: not seconds, though it ends in s.
  if (/m(illi)?s(ec(ond)?s)?$/i.test(name) && /ttl|expir|duration|lease|timeout|^ms$/i.test(name)) return 'ttlMs'
  return WISHES.find(([pattern]) => pattern.test(name))?.[1] ?? null
}

/** The parameters of a function, or of the constructor of a class. */
export function parametersOf(target: (...args: never[]) => unknown): readonly Parameter[] {
  const source = Function.prototype.toString.call(target)
  return listOf(/^class\b/.test(source) ? constructorText(source) : source)
}

/** The text from the constructor's parameters on; empty when the class has no constructor of its own. */
function constructorText(source: string): string {
  const at = /\bconstructor\s*\(/.exec(source)
  return at === null ? '' : source.slice(at.index)
}

function listOf(source: string): readonly Parameter[] {
  const text = withoutComments(source)
  // `key => …` has no parentheses.
  const bare = /^(?:async\s+)?([\w$]+)\s*=>/.exec(text)
  if (bare !== null) return [{ kind: 'plain', name: bare[1] as string }]
  const open = text.indexOf('(')
  if (open < 0) return []
  return splitTop(text.slice(open + 1, closing(text, open))).map((part): Parameter => {
    const trimmed = part.trim().replace(/^\.\.\./, '')
    if (!trimmed.startsWith('{')) return { kind: 'plain', name: (/^[\w$]+/.exec(trimmed) ?? [''])[0] as string }
    const inside = splitTop(trimmed.slice(1, closing(trimmed, 0)))
    return {
      kind: 'object',
      names: inside.map((each) => (/^\s*(?:\.\.\.)?([\w$]+)/.exec(each) ?? ['', ''])[1] as string),
    }
  })
}

const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/[^\n]*/g, '')

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
