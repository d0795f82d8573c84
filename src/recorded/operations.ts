/**
 * Histories of operations that Jepsen and porcupine write: calls and returns of the clients of one object, which is a mutex, a register
 * with compare-and-set, or keys of a store. Whether they are linearizable is what the project's own check says.
 *
 *   {:process 0, :type :invoke, :f :acquire, :value nil}    EDN: in a vector, or one after the other
 *   {"process":0,"type":"invoke","f":"acquire"}             the same as JSON, an object a line
 *   INFO  jepsen.util - 0  :invoke  :read  nil              the log of Jepsen's etcd test
 *
 * `ok`: it was done, with that answer. `fail`: it was not done. `info`, or no return: not known. In the log of the etcd test a
 * compare-and-set that fails says that the value was another one, and so it is judged, as porcupine does.
 *
 * Sources: https://github.com/jepsen-io/knossos, https://github.com/anishathalye/porcupine (test_data)
 */
import { linearize, type SequentialModel, type TimedOperation } from '../check/linearize.ts'
import {
  MUTEX,
  type MutexInput,
  type RegisterInput,
  type RegisterState,
  register,
  TEXT,
  type TextInput,
  UNBOUND,
} from '../check/sequential-models.ts'
import { UsageError } from '../sim/usage-error.ts'
import { type Edn, type EdnMap, EdnReader, ednText, field } from './edn.ts'
import type { Shown } from './told.ts'

/** At most this many configurations of one object are looked at. */
const STEPS_MAX = 300_000

/** A call or a return. */
export interface OperationEvent {
  readonly place: string
  readonly process: string
  readonly type: 'invoke' | 'ok' | 'fail' | 'info'
  readonly f: string
  /** Null: there is none. */
  readonly key: string | null
  readonly value: Edn
  /** A compare-and-set that fails says that the value was another one. */
  readonly isFailureTold: boolean
  /** To read nil says that nothing was there; else it says nothing. */
  readonly isNilTold: boolean
}

/** What was read. */
export interface Operated {
  readonly operations: number
  readonly objects: number
  readonly shown: readonly Shown[]
}

/**
 * Judges one history.
 * @param initial what was in a register first, as EDN; null: the history does not say
 * @throws UsageError when it is none
 */
export function judgeOperations(file: string, text: string, initial: string | null = null): Operated {
  const calls = callsOf(eventsOf(file, text))
  const [first] = calls
  if (first === undefined) return { operations: 0, objects: 0, shown: [] }
  const kind = KINDS.find(({ fs }) => fs.has(first.f))
  if (kind === undefined) throw new UsageError(first.place, `an operation :f :${first.f} is not known`, KNOWN)
  for (const { f, place } of calls) {
    if (!kind.fs.has(f)) throw new UsageError(place, `:f :${f} does not go with :f :${first.f}`, KNOWN)
  }
  const objects = new Map<string | null, Call[]>()
  for (const call of calls) {
    const own = objects.get(call.key)
    if (own === undefined) objects.set(call.key, [call])
    else own.push(call)
  }
  const shown = [...objects].flatMap(([key, own]) => kind.judge(own, key === null ? kind.name : `key ${key}`, initial))
  return { operations: calls.length, objects: objects.size, shown }
}

const KNOWN = 'known are acquire and release; read, write and cas; get, put and append'

/** A call with its return. */
interface Call extends Omit<OperationEvent, 'type' | 'isFailureTold'> {
  isFailureTold: boolean
  readonly invokedAt: number
  endedAt: number | null
  /** `open`: it may have been done. */
  outcome: 'ok' | 'fail' | 'open'
  answer: Edn
}

interface Kind {
  readonly name: string
  readonly fs: ReadonlySet<string>
  judge(calls: readonly Call[], object: string, initial: string | null): readonly Shown[]
}

const KINDS: readonly Kind[] = [
  kindOf<'free' | 'held', MutexInput>(
    'the mutex',
    ['acquire', 'release'],
    () => MUTEX,
    ({ f, outcome }) => (outcome === 'fail' ? null : { op: f as MutexInput['op'] }),
  ),
  kindOf<RegisterState, RegisterInput>('the register', ['read', 'write', 'cas'], registerOf, registerInput),
  kindOf<string, TextInput>(
    'the store',
    ['get', 'put', 'append'],
    () => TEXT,
    (call) => {
      const { f, outcome } = call
      if (outcome === 'fail' || (f === 'get' && outcome === 'open')) return null
      return { op: f as TextInput['op'], value: textOf(f === 'get' ? call.answer : call.value) }
    },
  ),
]

/** What was in it first a log of etcd says by what it reads; a history of Jepsen does not. */
function registerOf(calls: readonly Call[], initial: string | null): SequentialModel<RegisterState, RegisterInput> {
  if (initial !== null) return register(registerValue(new EdnReader('--initial', initial).next() ?? null))
  return register(calls[0]?.isNilTold === true ? null : UNBOUND)
}

/** What a call asks of a register, with its answer; null: it says nothing. */
function registerInput(call: Call): RegisterInput | null {
  const { f, outcome, place } = call
  const isTold = call.answer !== null || call.isNilTold
  if (f === 'read') return outcome === 'ok' && isTold ? { op: 'read', value: registerValue(call.answer) } : null
  if (f === 'write') return outcome === 'fail' ? null : { op: 'write', value: registerValue(call.value) }
  if (outcome === 'fail' && !call.isFailureTold) return null
  const { value } = call
  const [from, to, ...more] = typeof value === 'object' && value?.kind === 'sequence' ? value.items : []
  if (from === undefined || to === undefined || more.length > 0) {
    throw new UsageError(place, ':cas needs a :value of two, [from to]')
  }
  return {
    op: 'cas',
    from: registerValue(from),
    to: registerValue(to),
    isDone: outcome === 'open' ? null : outcome === 'ok',
  }
}

const registerValue = (value: Edn): string | null => (value === null ? null : ednText(value))

const textOf = (value: Edn): string =>
  value === null ? '' : typeof value === 'object' && value.kind === 'string' ? value.text : ednText(value)

function kindOf<State, Input>(
  name: string,
  fs: readonly string[],
  modelOf: (calls: readonly Call[], initial: string | null) => SequentialModel<State, Input>,
  inputOf: (call: Call) => Input | null,
): Kind {
  return {
    name,
    fs: new Set(fs),
    judge(calls, object, initial) {
      const operations: (TimedOperation<Input> & { readonly call: Call })[] = []
      for (const call of calls) {
        const input = inputOf(call)
        const { invokedAt, endedAt } = call
        if (input !== null)
          operations.push({ input, invokedAt, endedAt: call.outcome === 'open' ? null : endedAt, call })
      }
      let stuck: Call | null = null
      const result = linearize(modelOf(calls, initial), operations, {
        stepsMax: STEPS_MAX,
        onStuck: (operation) => {
          stuck = (operation as (typeof operations)[number]).call
        },
      })
      if (result === 'yes') return []
      const at = (stuck as Call | null) ?? calls[0]
      const places = at === undefined ? [] : [at.place]
      const sentence =
        result === 'no'
          ? `no order of the operations on ${object} explains every answer, up to the return of the :${at?.f} of process ${at?.process}`
          : `whether an order of the operations on ${object} explains every answer was not found out in ${STEPS_MAX.toLocaleString('en')} steps`
      return [{ property: 'linearizability', status: result === 'no' ? 'violated' : 'unknown', sentence, places }]
    },
  }
}

/** Calls with their returns; what is not of a client (`:process :nemesis`) is passed over. */
function callsOf(events: Iterable<OperationEvent>): readonly Call[] {
  const open = new Map<string, Call>()
  const calls: Call[] = []
  let at = 0
  for (const { type, ...event } of events) {
    at += 1
    const { process, f, key, place } = event
    const call = open.get(process)
    if (type === 'invoke') {
      if (call !== undefined) throw new UsageError(place, `process ${process} calls again before its call has returned`)
      const begun: Call = { ...event, invokedAt: at, endedAt: null, outcome: 'open', answer: null }
      open.set(process, begun)
      calls.push(begun)
      continue
    }
    // A note of a process that calls nothing.
    if (call === undefined && type === 'info') continue
    if (call === undefined) throw new UsageError(place, `process ${process} returns from nothing`)
    if (call.f !== f || call.key !== key)
      throw new UsageError(place, `process ${process} returns from what it did not call`)
    open.delete(process)
    if (type === 'info') continue
    call.outcome = type
    call.endedAt = at
    call.answer = event.value
    call.isFailureTold = event.isFailureTold
  }
  return calls
}

/** The events of a history, by what its text begins with. */
function* eventsOf(file: string, text: string): Iterable<OperationEvent> {
  const start = text.slice(0, 10_000).trimStart()
  if (/^(INFO|WARN|ERROR)\s/.test(start)) yield* logEvents(file, text)
  else if (/^\[?\s*\{\s*"/.test(start)) yield* jsonEvents(file, text)
  else {
    const reader = new EdnReader(file, text)
    for (let form = reader.next(); form !== undefined; form = reader.next()) yield* ednEvents(file, form)
  }
}

function* ednEvents(file: string, form: Edn): Iterable<OperationEvent> {
  if (typeof form === 'object' && form?.kind === 'sequence') {
    for (const item of form.items) yield* ednEvents(file, item)
    return
  }
  if (typeof form !== 'object' || form?.kind !== 'map')
    throw new UsageError(file, 'a history of maps is expected', EXAMPLE)
  yield* eventOf(`${file}:${form.line}`, form)
}

const EXAMPLE = '{:process 0, :type :invoke, :f :acquire, :value nil}'
const TYPES: readonly string[] = ['invoke', 'ok', 'fail', 'info']

function* eventOf(place: string, map: EdnMap): Iterable<OperationEvent> {
  const name = (key: string): string | null => {
    const value = field(map, key)
    return typeof value === 'object' && value !== null && 'text' in value ? value.text : null
  }
  const process = field(map, 'process')
  if (process === undefined) throw new UsageError(place, 'it has no :process', EXAMPLE)
  // The nemesis is no client.
  if (typeof process !== 'object' || process?.kind !== 'number') return
  const type = name('type')
  const f = name('f')
  if (type === null || !TYPES.includes(type))
    throw new UsageError(place, 'its :type is none of :invoke, :ok, :fail, :info', EXAMPLE)
  if (f === null) throw new UsageError(place, 'it has no :f', EXAMPLE)
  const key = field(map, 'key')
  yield {
    place,
    process: process.text,
    type: type as OperationEvent['type'],
    f,
    key: key === undefined ? null : ednText(key),
    value: field(map, 'value') ?? null,
    isFailureTold: false,
    isNilTold: false,
  }
}

/** JSON as if it had been written in EDN: its names are keywords. */
function* jsonEvents(file: string, text: string): Iterable<OperationEvent> {
  const rows: (readonly [string, string])[] = text.trimStart().startsWith('[')
    ? [[file, text]]
    : text.split('\n').map((row, index) => [`${file}:${index + 1}`, row] as const)
  for (const [place, row] of rows) {
    if (row.trim() === '') continue
    let data: unknown
    try {
      data = JSON.parse(row)
    } catch (cause) {
      throw new UsageError(
        place,
        'it is no JSON',
        '{"process":0,"type":"invoke","f":"acquire"} a line, or all in an array',
        { cause },
      )
    }
    for (const each of Array.isArray(data) ? data : [data]) {
      const form = ednOfJson(each, 0)
      if (typeof form !== 'object' || form?.kind !== 'map') throw new UsageError(place, 'an object is expected')
      yield* eventOf(place, form)
    }
  }
}

function ednOfJson(data: unknown, depth: number): Edn {
  if (data === null || typeof data === 'boolean') return data
  if (typeof data === 'number') return { kind: 'number', text: String(data) }
  if (typeof data === 'string') return { kind: 'string', text: data }
  if (depth > 100) return null
  if (Array.isArray(data))
    return { kind: 'sequence', items: data.map((each) => ednOfJson(each, depth + 1)), isSet: false }
  const entries = Object.entries(data as object).map(
    ([key, value]) => [{ kind: 'keyword', text: key }, ednOfJson(value, depth + 1)] as const,
  )
  return { kind: 'map', line: 0, entries }
}

const LOG = /^\S+\s+\S+\s+-\s+(\S+)\s+:(invoke|ok|fail|info)\s+:(\S+)\s+(.*)$/

function* logEvents(file: string, text: string): Iterable<OperationEvent> {
  for (const [index, line] of text.split('\n').entries()) {
    const [, process = '', type, f = '', value = ''] = LOG.exec(line) ?? []
    if (type === undefined || !/^\d+$/.test(process)) continue
    const place = `${file}:${index + 1}`
    const isTimeout = value.trim() === ':timed-out'
    yield {
      place,
      process,
      type: type as OperationEvent['type'],
      f,
      key: null,
      value: isTimeout ? null : (new EdnReader(place, value).next() ?? null),
      isFailureTold: !isTimeout && f === 'cas' && type === 'fail',
      isNilTold: true,
    }
  }
}
