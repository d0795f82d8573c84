/**
 * The configuration of one server: what CONFIG GET reads and CONFIG SET changes.
 *
 * Models          names, aliases, kinds, limits and error texts of all parameters; `requirepass`, `maxmemory` and its policy.
 * Does not model  what the other parameters do to a real server: they are remembered and listed.
 *
 * Source: config.c of Redis 7.0; https://redis.io/docs/latest/commands/config-set/
 */
import { parseInteger64 } from './arguments.ts'
import { type Parameter, parameters } from './config-parameters.ts'
import { cText, type ErrorReply, errorOf } from './errors.ts'
import { globMatches } from './glob.ts'

/** By every name a parameter has. */
const byName: ReadonlyMap<string, Parameter> = new Map(
  parameters.flatMap((parameter): [string, Parameter][] =>
    parameter.alias === undefined
      ? [[parameter.name, parameter]]
      : [
          [parameter.name, parameter],
          [parameter.alias, parameter],
        ],
  ),
)

const UNITS: Readonly<Record<string, bigint>> = {
  '': 1n,
  b: 1n,
  k: 1000n,
  kb: 1024n,
  m: 1000n ** 2n,
  mb: 1024n ** 2n,
  g: 1000n ** 3n,
  gb: 1024n ** 3n,
}
/** The order in which Redis prints the classes of keyspace events. */
const EVENT_CLASSES = 'g$lshzxetdn'
const ALL_EVENTS = 'g$lshzxetd'

/** A checked value as CONFIG GET will print it, or why it was refused. */
type Checked = { readonly value: string } | { readonly reason: string }

export class ServerConfig {
  /** Only what differs from the presets: most servers never change anything. */
  readonly #changed = new Map<Parameter, string>()

  /** The value of a parameter (lower case name). */
  get(name: string): string {
    const parameter = byName.get(name)
    return parameter === undefined ? '' : this.#value(parameter)
  }

  /** CONFIG GET: names as they were asked for, or as the patterns found them. */
  match(names: readonly string[]): readonly (readonly [string, string])[] {
    const found = new Map<string, string>()
    for (const name of names) {
      if (!/[[*?]/.test(name)) {
        const parameter = byName.get(name.toLowerCase())
        if (parameter !== undefined && !found.has(name)) found.set(name, this.#value(parameter))
        continue
      }
      for (const [known, parameter] of byName) {
        if (parameter.isHidden || found.has(known)) continue
        if (globMatches(name, known, { ignoreCase: true })) found.set(known, this.#value(parameter))
      }
    }
    return [...found]
  }

  /** CONFIG SET: all of the pairs or none of them; null when it worked. */
  set(pairs: readonly (readonly [string, string])[]): ErrorReply | null {
    const chosen = new Map<Parameter, string>()
    let refusal: ErrorReply | null = null
    for (const [name, value] of pairs) {
      const parameter = byName.get(name.toLowerCase())
      if (parameter === undefined) {
        return errorOf(`ERR Unknown option or number of arguments for CONFIG SET - '${cText(name)}'`)
      }
      if (refusal !== null) continue
      if (parameter.isImmutable) refusal = failed(name, "can't set immutable config")
      else if (parameter.isProtected) refusal = failed(name, "can't set protected config")
      else if (chosen.has(parameter)) refusal = failed(name, 'duplicate parameter')
      chosen.set(parameter, value)
    }
    if (refusal !== null) return refusal
    const checked: [Parameter, string][] = []
    for (const [parameter, text] of chosen) {
      const result = check(parameter, text)
      if ('reason' in result) return failed(parameter.name, result.reason)
      checked.push([parameter, result.value])
    }
    for (const [parameter, value] of checked) this.#changed.set(parameter, value)
    return null
  }

  #value(parameter: Parameter): string {
    return this.#changed.get(parameter) ?? parameter.preset
  }
}

const failed = (name: string, reason: string): ErrorReply =>
  errorOf(`ERR CONFIG SET failed (possibly related to argument '${name}') - ${reason}`)

function check({ name, type }: Parameter, text: string): Checked {
  switch (type.kind) {
    case 'flag':
      return /^(?:yes|no)$/i.test(text) ? { value: text.toLowerCase() } : { reason: "argument must be 'yes' or 'no'" }
    case 'choice':
      return checkChoice(type.choices, text)
    case 'integer':
    case 'memory':
    case 'octal':
      return checkNumber(name, type, text)
    case 'text':
      if (name === 'notify-keyspace-events') return checkEvents(text)
      return name === 'save' ? checkSave(text) : { value: text }
  }
}

function checkChoice(choices: readonly string[], text: string): Checked {
  const choice = choices.find((known) => known === text.toLowerCase())
  return choice === undefined
    ? { reason: `argument(s) must be one of the following: ${choices.join(', ')}` }
    : { value: choice }
}

function checkNumber(name: string, type: Extract<Parameter['type'], { readonly min: bigint }>, text: string): Checked {
  const percent = name === 'maxmemory-clients' ? /^([0-9]+)%$/.exec(text) : null
  if (percent !== null) {
    const isTooLarge = BigInt(percent[1]!) > -type.min
    return isTooLarge ? { reason: `percentage argument must be less or equal to ${-type.min}` } : { value: text }
  }
  const value = parseNumber(type.kind, text)
  if (value === null) return { reason: notANumber(name, type.kind) }
  if (value < (name === 'maxmemory-clients' ? 0n : type.min) || value > type.max) {
    return { reason: `argument must be between ${type.min} and ${type.max} inclusive` }
  }
  return { value: String(value) }
}

function parseNumber(kind: Parameter['type']['kind'], text: string): bigint | null {
  if (kind === 'integer') return parseInteger64(text)
  if (kind === 'octal') return /^[0-7]+$/.test(text) ? BigInt(`0o${text}`) : null
  const match = /^([0-9]+)([a-z]*)$/i.exec(text)
  if (match === null) return null
  const unit = UNITS[match[2]!.toLowerCase()]
  return unit === undefined ? null : BigInt.asUintN(64, BigInt(match[1]!) * unit)
}

function notANumber(name: string, kind: Parameter['type']['kind']): string {
  if (name === 'maxmemory-clients') return 'argument must be a memory or percent value'
  if (kind === 'memory') return 'argument must be a memory value'
  return kind === 'octal'
    ? "argument couldn't be parsed as an octal number"
    : "argument couldn't be parsed into an integer"
}

/** The classes in the order in which Redis prints them; `A` stands for all but key misses and new keys. */
function checkEvents(text: string): Checked {
  if (!/^[Ag$lshzxeKEtmdn]*$/.test(text)) {
    return { reason: "Invalid event class character. Use 'Ag$lshzxeKEtmdn'." }
  }
  const given = new Set(text.includes('A') ? text + ALL_EVENTS : text)
  const hasAll = [...ALL_EVENTS].every((name) => given.has(name))
  const classes = hasAll ? 'A' : [...EVENT_CLASSES].filter((name) => given.has(name)).join('')
  return { value: classes + [...'KEm'].filter((name) => given.has(name)).join('') }
}

/** Pairs of seconds and changes. */
function checkSave(text: string): Checked {
  const words = text.split(' ').filter((word) => word !== '')
  const isValid = words.every((word, index) => /^[0-9]+$/.test(word) && (index % 2 === 1 || Number(word) >= 1))
  return isValid && words.length % 2 === 0
    ? { value: words.map(Number).join(' ') }
    : { reason: 'Invalid save parameters' }
}
