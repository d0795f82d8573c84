/**
 * A history as a file: NDJSON, a header and then a record a line, in the order of virtual time.
 *
 *   {"schema":"lockstorm/history@1","subject":"lock","healedUs":41200,"endUs":45100,…,"rules":{…},"plan":{…},"records":57}
 *   {"atUs":210,"seq":0,"process":"A","type":"invoke","op":"acquire","value":"A-1"}
 *   {"atUs":812,"seq":9,"process":"world","type":"fault","op":"pause","value":["pause A for 2 s","A",2000000],"settings":{"process":"A","for":"2s"}}
 *
 * What is read back is judged as the world itself was. The line of a fault carries its settings, as a scenario writes them.
 *
 * Invariants
 * - Reading refuses what no world can have written: one UsageError with the line, what was expected there, and a fix.
 * - A number that JSON cannot hold is a text (`"Infinity"`); what code under test answered, and no record can hold, is null.
 */
import * as z from 'zod'
import type { FaultKind, PlannedFault } from '../fault/fault.ts'
import { writeSettings } from '../fault/planned-fault.ts'
import { faultKind } from '../fault/registry.ts'
import { isStrike, shapesOf } from '../record/registry.ts'
import { schemaOf } from '../record/shape.ts'
import { assert } from '../sim/assert.ts'
import { shown } from '../sim/shown.ts'
import { TRACE_TYPES, type TraceRecord } from '../sim/trace.ts'
import { UsageError } from '../sim/usage-error.ts'
import { SUBJECT_WORDS, type Subject } from '../subject/subject.ts'
import type { HistoryRun } from './history.ts'
import { rulesSchema } from './rules.ts'

const SCHEMA = 'lockstorm/history@1'

const us = z.int().min(0)
/** Nine primaries, each with three replicas. */
const SERVERS_MAX = 36

const headerSchema = z.strictObject({
  schema: z.literal(SCHEMA),
  subject: z.enum(Object.keys(SUBJECT_WORDS) as readonly Subject['kind'][]),
  healedUs: us,
  endUs: us,
  voters: z.array(z.string().min(1)).min(1).max(9),
  replicas: z.array(z.string().min(1)).min(2).max(SERVERS_MAX).optional(),
  service: z.literal('keeper').optional(),
  isBlocking: z.boolean(),
  limitReached: z.string().nullable(),
  rules: rulesSchema,
  /** For readers and their tools: no check looks at it. */
  plan: z.record(z.string(), z.unknown()),
  /** So that a file that was cut off is not taken for a whole one. */
  records: us,
})

const lineSchema = z.strictObject({
  atUs: us,
  seq: us,
  process: z.string().min(1),
  type: z.enum(TRACE_TYPES),
  op: z.string().min(1),
  value: z.unknown().optional(),
  settings: z.unknown().optional(),
})

/** The text of a history's file. */
export function writeHistory(run: HistoryRun): string {
  const {
    records,
    struck,
    subject,
    healedUs,
    endUs,
    voters,
    replicas,
    service,
    isBlocking,
    limitReached,
    rules,
    plan,
  } = run
  const header: z.input<typeof headerSchema> = {
    schema: SCHEMA,
    subject,
    healedUs,
    endUs,
    voters: [...voters],
    ...(replicas === undefined ? {} : { replicas: [...replicas] }),
    ...(service === undefined ? {} : { service }),
    isBlocking,
    limitReached,
    rules,
    plan: inOrder(plan),
    records: records.length,
  }
  const faults = struck.values()
  const lines = records.map(({ atUs, seq, process, type, op, value }) => {
    const plain = typeof value === 'object' && value !== null ? value.map(plainAtom) : plainAtom(value)
    const line = { atUs, seq, process, type, op, value: plain }
    return JSON.stringify(isStrike({ type, op }) ? { ...line, settings: writtenSettings(faults.next().value) } : line)
  })
  return `${[JSON.stringify(header), ...lines].join('\n')}\n`
}

/** A record's atom as JSON can hold it. Only what code under test answered may be anything. */
function plainAtom(atom: unknown): string | number | boolean | null {
  if (typeof atom === 'number') return Number.isFinite(atom) ? atom : String(atom)
  return typeof atom === 'string' || typeof atom === 'boolean' ? atom : null
}

function writtenSettings(fault: PlannedFault | undefined): unknown {
  assert(fault !== undefined, 'each record of a fault has the fault that struck')
  return writeSettings(fault)
}

/**
 * Reads a history's file.
 * @param place its name, for messages
 * @throws UsageError when it is not one
 */
export function readHistory(text: string, place: string): HistoryRun {
  const lines = text.split('\n')
  if (lines.at(-1)?.trim() === '') lines.pop()
  const header = headerOf(lines[0] ?? '', place)
  const records: TraceRecord[] = []
  const struck: PlannedFault[] = []
  for (const [index, line] of lines.slice(1).entries()) {
    const where = `${place}:${index + 2}`
    const { settings, ...record } = checked(lineSchema, json(line, where), where, EXAMPLE)
    const { type, op, atUs, seq } = record
    const value = valueIn(record, where)
    const before = records.at(-1)
    if (before !== undefined && (before.atUs - atUs || before.seq - seq) >= 0) {
      throw new UsageError(
        where,
        `expected a record after (atUs ${before.atUs}, seq ${before.seq}), got (${atUs}, ${seq})`,
        'keep the lines in the order in which lockstorm wrote them',
      )
    }
    records.push({ ...record, value })
    const kind = type === 'fault' ? faultKind(op) : undefined
    if (kind !== undefined)
      struck.push({ kind: op, settings: settingsOf(kind, settings, where), at: { kind: 'time', atUs } })
    else if (settings !== undefined) throw new UsageError(where, 'expected settings on the line of a fault only', CUT)
  }
  const { schema: _, records: count, ...run } = header
  if (count !== records.length) {
    throw new UsageError(`${place}:1`, `expected ${count} records after the header, got ${records.length}`, CUT)
  }
  return { ...run, records, struck }
}

const CUT = 'write it anew: the replay token of the report gives the same history'
const EXAMPLE = 'a record is {"atUs":210,"seq":0,"process":"A","type":"invoke","op":"acquire","value":"A-1"}'

function headerOf(line: string, place: string): z.output<typeof headerSchema> {
  const where = `${place}:1`
  if (line.trim() === '') throw new UsageError(where, `expected a header with schema ${SCHEMA}, got nothing`, CUT)
  const header = json(line, where)
  const schema = (header as { readonly schema?: unknown } | null)?.schema
  if (schema !== SCHEMA) {
    throw new UsageError(
      where,
      `expected schema ${SCHEMA}, got ${shown(schema)}`,
      'give it a file of histories/, with its first line',
    )
  }
  return checked(headerSchema, header, where, CUT)
}

function json(line: string, where: string): unknown {
  try {
    return JSON.parse(line)
  } catch (cause) {
    throw new UsageError(where, `expected one JSON object, got ${shown(line)}`, CUT, { cause })
  }
}

/** What a part of the file holds when it is as its schema says. */
function checked<Output>(schema: z.ZodType<Output>, part: unknown, where: string, fix: string): Output {
  const { data, error } = schema.safeParse(part)
  if (error === undefined) return data
  const [issue] = error.issues
  const path = issue?.path.join('.') ?? ''
  throw new UsageError(where, `${path === '' ? '' : `${path}: `}${issue?.message ?? 'not as expected'}`, fix, {
    cause: error,
  })
}

function valueIn({ type, op, value }: Pick<z.output<typeof lineSchema>, 'type' | 'op' | 'value'>, where: string) {
  const shapes = shapesOf(type, op, (name) => faultKind(name) !== undefined)
  if (shapes.length === 0) {
    throw new UsageError(
      where,
      `expected a record that there is, got ${type} ${shown(op)}`,
      'take the line out, or correct its type and op',
    )
  }
  for (const shape of shapes) {
    const { data, error } = schemaOf(shape).safeParse(value)
    if (error === undefined) return data as TraceRecord['value']
  }
  const expected = shapes.map(({ fields }) => `[${fields.map(([name]) => name).join(', ')}]`).join(' or ')
  throw new UsageError(where, `value: expected ${expected} of ${type} ${op}, got ${shown(value)}`, CUT)
}

function settingsOf(kind: FaultKind, settings: unknown, where: string): PlannedFault['settings'] {
  const schema: z.ZodType = kind.schema
  return checked(schema, settings, where, `a ${kind.name} is written as ${kind.example}`) as PlannedFault['settings']
}

/** A plan with its keys in this order, then the others: the same plan gives the same bytes, wherever it was read from. */
const PLAN_ORDER = [
  'scenario',
  'seed',
  'client',
  'clients',
  'callers',
  'topology',
  'ttlMs',
  'latency',
  'headStartUs',
  'staggerUs',
  'workload',
  'faults',
  'settleUs',
]

function inOrder(plan: object): Record<string, unknown> {
  const all = new Map(Object.entries(plan))
  const first = PLAN_ORDER.filter((key) => all.has(key))
  const others = [...all.keys()].filter((key) => !PLAN_ORDER.includes(key)).sort()
  return Object.fromEntries([...first, ...others].map((key) => [key, all.get(key)]))
}
