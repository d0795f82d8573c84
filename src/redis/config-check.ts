/**
 * What CONFIG SET accepts for a parameter, and the reason it gives when it does not.
 *
 * Source: config.c of Redis 7.0 (`enumConfigSet`, `numericConfigSet`, `update…`).
 */
import { parseInteger64 } from './arguments.ts'
import type { Parameter } from './config-parameters.ts'
import { parseDouble } from './double.ts'
import { ALL_EVENTS } from './keyspace-events.ts'

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

/** A checked value as CONFIG GET will print it, or why it was refused. */
export type Checked = { readonly value: string } | { readonly reason: string }

type NumberType = Extract<Parameter['type'], { readonly min: bigint }>

const UINT64_MAX = 2n ** 64n - 1n
/** A smaller replication backlog is made this large. */
const BACKLOG_BYTES_MIN = 16384n

/** The value as it will be kept, or why it is refused; `present` is the value that it replaces. */
export function checkParameter({ name, type }: Parameter, text: string, present: string): Checked {
  switch (type.kind) {
    case 'flag':
      return /^(?:yes|no)$/i.test(text) ? { value: text.toLowerCase() } : { reason: "argument must be 'yes' or 'no'" }
    case 'choice':
      return type.allowsMany ? checkChoices(type.choices, text) : checkChoice(type.choices, text)
    case 'integer':
    case 'memory':
    case 'octal':
      return checkNumber(name, type, text)
    case 'text':
      return TEXTS[name]?.(text, present) ?? { value: text }
  }
}

type CheckText = (text: string, present: string) => Checked

/** Texts that have a form of their own. */
const TEXTS: Readonly<Record<string, CheckText>> = {
  'notify-keyspace-events': checkEvents,
  save: checkSave,
  'client-output-buffer-limit': checkBufferLimits,
  'oom-score-adj-values': checkScores,
  'latency-tracking-info-percentiles': checkPercentiles,
}

function checkChoice(choices: readonly string[], text: string): Checked {
  const choice = choices.find((known) => known === text.toLowerCase())
  return choice === undefined ? notAChoice(choices) : { value: choice }
}

const notAChoice = (choices: readonly string[]): Checked => ({
  reason: `argument(s) must be one of the following: ${choices.join(', ')}`,
})

/** Options that add up; the first stands for none of the others. */
function checkChoices(choices: readonly string[], text: string): Checked {
  const words = wordsOf(text.toLowerCase())
  if (words.length === 0 || words.some((word) => !choices.includes(word))) return notAChoice(choices)
  if (words.includes('save') && words.includes('nosave')) {
    return { reason: "shutdown options SAVE and NOSAVE can't be used simultaneously" }
  }
  const [none, ...options] = choices
  return { value: options.filter((option) => words.includes(option)).join(' ') || none! }
}

/** Each blank parts two words, so two blanks have an empty one between them. */
const wordsOf = (text: string): readonly string[] => (text === '' ? [] : text.split(' '))

function checkNumber(name: string, type: NumberType, text: string): Checked {
  if (name === 'maxmemory-clients') return checkMemoryOrPercent(type, text)
  const value = parseNumber(type.kind, text)
  if (value === null) return { reason: notANumber(type.kind) }
  if (value < type.min || value > type.max) {
    return { reason: `argument must be between ${type.min} and ${type.max} inclusive` }
  }
  return { value: String(name === 'repl-backlog-size' && value < BACKLOG_BYTES_MIN ? BACKLOG_BYTES_MIN : value) }
}

/** `maxmemory-clients`: Redis keeps a percentage as a negative number, and so takes very large numbers for percentages. */
function checkMemoryOrPercent(type: NumberType, text: string): Checked {
  const percent = /^([0-9]+)%$/.exec(text)
  const memory = percent === null ? parseNumber('memory', text) : null
  if (percent === null && memory === null) return { reason: 'argument must be a memory or percent value' }
  const value = percent === null ? BigInt.asIntN(64, memory!) : -BigInt(percent[1]!)
  if (value < type.min) return { reason: `percentage argument must be less or equal to ${-type.min}` }
  return { value: value < 0n ? `${-value}%` : String(value) }
}

function parseNumber(kind: Parameter['type']['kind'], text: string): bigint | null {
  if (kind === 'integer') return parseInteger64(text)
  if (kind === 'octal') return /^[0-7]*$/.test(text) ? BigInt(`0o0${text}`) : null
  const match = /^([0-9]*)([a-z]*)$/i.exec(text)
  if (match === null) return null
  const unit = UNITS[match[2]!.toLowerCase()]
  if (unit === undefined) return null
  const digits = BigInt(match[1]!)
  return BigInt.asUintN(64, (digits > UINT64_MAX ? UINT64_MAX : digits) * unit)
}

function notANumber(kind: Parameter['type']['kind']): string {
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
  const words = wordsOf(text)
  const isValid = words.every((word, index) => /^[0-9]*$/.test(word) && (index % 2 === 1 || Number(word) >= 1))
  return isValid && words.length % 2 === 0
    ? { value: words.map(Number).join(' ') }
    : { reason: 'Invalid save parameters' }
}

const BUFFER_CLASSES = ['normal', 'slave', 'pubsub']

/** `normal 0 0 0 replica 256mb 64mb 60`: the classes that are not named keep their limits. */
function checkBufferLimits(text: string, present: string): Checked {
  const words = wordsOf(text)
  if (words.length % 4 !== 0) return { reason: 'Wrong number of arguments in buffer limit configuration.' }
  const limits = present.split(' ')
  for (let index = 0; index < words.length; index += 4) {
    const [name, hard, soft, seconds] = words.slice(index, index + 4) as [string, string, string, string]
    const wanted = name.toLowerCase() === 'replica' ? 'slave' : name.toLowerCase()
    const place = BUFFER_CLASSES.indexOf(wanted)
    if (place === -1) return { reason: 'Invalid client class specified in buffer limit configuration.' }
    const bytes = [parseNumber('memory', hard), parseNumber('memory', soft)]
    if (bytes.includes(null) || !/^[0-9]*$/.test(seconds)) {
      return { reason: 'Error in hard, soft or soft_seconds setting in buffer limit configuration.' }
    }
    limits.splice(place * 4 + 1, 3, ...bytes.map(String), String(Number(seconds)))
  }
  return { value: limits.join(' ') }
}

const SCORE_COUNT = 3
const SCORE_MAX = 2000

function checkScores(text: string): Checked {
  const words = wordsOf(text)
  if (words.length !== SCORE_COUNT) return { reason: 'wrong number of arguments' }
  const isValid = words.every((word) => /^-?[0-9]*$/.test(word) && Math.abs(Number(word)) <= SCORE_MAX)
  return isValid
    ? { value: words.map((word) => String(Number(word))).join(' ') }
    : { reason: 'Invalid oom-score-adj-values, elements must be between -2000 and 2000.' }
}

function checkPercentiles(text: string): Checked {
  const values = wordsOf(text).map(parseDouble)
  if (values.includes(null)) return { reason: 'Invalid latency-tracking-info-percentiles parameters' }
  if (values.some((value) => value! > 100 || value! < 0)) {
    return { reason: 'latency-tracking-info-percentiles parameters should sit between [0.0,100.0]' }
  }
  return { value: values.map((value) => String(Number(value!.toFixed(6)))).join(' ') }
}
