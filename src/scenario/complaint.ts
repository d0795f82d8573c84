/**
 * What zod found wrong, in lockstorm's words: what was expected, what is there, and the nearest fix.
 */
import * as z from 'zod'
import { expectedGot, shown } from '../sim/shown.ts'
import { didYouMean, nearHint } from './nearest.ts'
import type { Path } from './yaml-source.ts'

/** One complaint; `at` says whether the key or the value is to blame. */
export interface Complaint {
  readonly path: Path
  readonly message: string
  readonly at: 'key' | 'value'
}

const UNKNOWN_KEYS = 'unrecognized_keys'

const TYPE_WORDS: Readonly<Record<string, string>> = {
  object: 'a mapping of keys to values',
  record: 'a mapping of keys to values',
  array: 'a list',
  string: 'a text',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
}

/** Words for what a schema has no words of its own for. */
export const complaintWords: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type':
      return expectedGot(TYPE_WORDS[issue.expected] ?? issue.expected, issue.input)
    case 'invalid_value': {
      const words = issue.values.map(String)
      return expectedGot(orList(words), issue.input) + nearHint(issue.input, words)
    }
    case 'too_small':
      return `expected at least ${issue.minimum}${issue.origin === 'array' ? ' entries' : ''}, got ${amount(issue.input)}`
    case 'too_big':
      return `expected at most ${issue.maximum}${issue.origin === 'array' ? ' entries' : ''}, got ${amount(issue.input)}`
    default:
      return undefined
  }
}

/** All complaints of a failed check, one for each place. */
export function complaints(schema: z.ZodType, input: unknown, issues: readonly z.core.$ZodIssue[]): Complaint[] {
  return issues.flatMap((issue) => complain(schema, input, issue, []))
}

function complain(schema: z.ZodType, input: unknown, issue: z.core.$ZodIssue, prefix: Path): Complaint[] {
  const path = [...prefix, ...issue.path]
  if (issue.code === UNKNOWN_KEYS) {
    const known = keysAt(schema, path)
    return issue.keys.map((key) => ({
      path: [...path, key],
      message: `unknown key ${shown(key)}${didYouMean(key, known)}`,
      at: 'key',
    }))
  }
  if (issue.code === 'invalid_union' && isMapping(valueAt(input, path))) {
    // The branch that the author meant is the one that takes a mapping at all.
    const meant = issue.errors.find((branch) => branch.every((one) => one.path.length > 0 || one.code === UNKNOWN_KEYS))
    if (meant !== undefined) return meant.flatMap((one) => complain(schema, input, one, path))
  }
  return [{ path, message: issue.message, at: 'value' }]
}

/** The keys that a mapping at this place may have. */
function keysAt(schema: z.ZodType, path: Path): readonly string[] {
  const inner = unwrapped(schema)
  const [step, ...rest] = path
  if (inner instanceof z.ZodUnion) {
    return [...new Set(inner.options.flatMap((option) => [...keysAt(option as z.ZodType, path)]))]
  }
  if (inner instanceof z.ZodObject) {
    const shape = inner.shape as Record<string, z.ZodType>
    if (step === undefined) return Object.keys(shape)
    const next = shape[String(step)]
    return next === undefined ? [] : keysAt(next, rest)
  }
  if (step === undefined) return []
  if (inner instanceof z.ZodArray) return keysAt(inner.element as z.ZodType, rest)
  if (inner instanceof z.ZodRecord) return keysAt(inner.valueType as z.ZodType, rest)
  return []
}

function unwrapped(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return unwrapped(schema.unwrap() as z.ZodType)
  if (schema instanceof z.ZodPipe) return unwrapped(schema.in as z.ZodType)
  return schema
}

/** What stands at a path of plain data. */
export function valueAt(input: unknown, path: Path): unknown {
  let value = input
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    value = (value as Record<PropertyKey, unknown>)[step]
  }
  return value
}

/** Neither a list nor a single value. */
export const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const amount = (input: unknown): string => (Array.isArray(input) ? String(input.length) : shown(input))

/** `valid, vacuous or unknown`. */
function orList(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words[words.length - 1]}`
}
