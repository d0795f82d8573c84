/**
 * Every kind of record there is: what may stand in a trace under which type and name. Adding one: write its shape, add it
 * here; what is written is checked against it by the compiler, and what is read from a file by its schema.
 */
import type { Atom, TraceRecord, TraceType } from '../sim/trace.ts'
import * as cache from './cache.ts'
import * as counter from './counter.ts'
import { effect } from './effect.ts'
import { fieldsOf } from './fields.ts'
import * as job from './job.ts'
import * as leader from './leader.ts'
import * as lock from './lock.ts'
import * as session from './session.ts'
import type { Shape, Written } from './shape.ts'
import { gone, held } from './truth-shape.ts'
import * as world from './world.ts'

/** The operations of clients by their names; of two with one name (a counter's read, a session's) a value fits either. */
export const OPERATIONS = {
  acquire: [lock.acquire],
  release: [lock.release],
  extend: [lock.extend],
  nest: [lock.nest],
  unnest: [lock.unnest],
  read: [counter.read, session.look],
  work: [counter.work],
  write: [counter.write, cache.step],
  get: [cache.get],
  rebuild: [cache.rebuild],
  fill: [cache.fill],
  update: [cache.update],
  invalidate: [cache.step],
  tick: [job.tick],
  run: [job.run],
  start: [job.start],
  put: [job.put],
  campaign: [leader.campaign],
  lead: [leader.lead],
  resign: [leader.resign],
  login: [session.login],
  logout: [session.logout],
  load: [session.load],
  add: [session.change],
  remove: [session.change],
  visit: [session.visit],
  probe: [world.probe, session.look],
} as const satisfies Readonly<Record<string, readonly OperationShapes[]>>

type OperationShapes = { readonly [Type in OperationType]?: Shape }
export type OperationType = 'invoke' | 'ok' | 'fail' | 'info'
export type OperationName = keyof typeof OPERATIONS

/** The other lanes. A fault's record is named like the fault. */
export const LANES = {
  belief: { ended: lock.beliefEnded },
  truth: {
    granted: held,
    extended: held,
    overwritten: held,
    displaced: held,
    deleted: gone,
    expired: gone,
    disowned: held,
  },
  copy: { granted: held, extended: held, overwritten: held, displaced: held, deleted: gone, expired: gone },
  effect: { read: effect, write: effect, run: effect, refused: effect },
  fault: { healed: world.healed },
  note: {
    settled: world.settled,
    ended: world.ended,
    uncaught: world.uncaught,
    'no effect': world.noEffect,
    'gave up': counter.gaveUp,
    'may write': lock.mayWrite,
    answered: lock.answered,
    served: session.served,
    promoted: world.promoted,
    demoted: world.demoted,
    'switch-master': world.switched,
    loaded: world.loaded,
  },
} as const satisfies Readonly<Record<Exclude<TraceType, OperationType>, Readonly<Record<string, Shape>>>>

type ShapesOf<
  Type extends OperationType,
  Name extends OperationName,
> = (typeof OPERATIONS)[Name][number] extends infer S
  ? S extends { readonly [T in Type]: infer Found extends Shape }
    ? Found
    : never
  : never

/** What may be written for an operation's record. */
export type OperationValue<Type extends OperationType, Name extends OperationName> = Written<ShapesOf<Type, Name>> &
  (Atom | readonly Atom[])

/** Whether a record tells that a fault struck, and not that everything healed. */
export const isStrike = ({ type, op }: { readonly type: TraceType; readonly op: string }): boolean =>
  type === 'fault' && !Object.hasOwn(LANES.fault, op)

/** The shapes that a record of this type and name may have; empty: there is no such record. */
export function shapesOf(type: TraceType, op: string, isFault: (name: string) => boolean): readonly Shape[] {
  if (type === 'invoke' || type === 'ok' || type === 'fail' || type === 'info') {
    const shapes: readonly OperationShapes[] = Object.hasOwn(OPERATIONS, op) ? OPERATIONS[op as OperationName] : []
    return shapes.flatMap((each) => each[type] ?? [])
  }
  const lane: Readonly<Record<string, Shape>> = LANES[type]
  if (Object.hasOwn(lane, op)) return [lane[op] as Shape]
  return type === 'fault' && isFault(op) ? [world.faultStruck] : []
}

/** In the words of the code under test, why an operation failed or what ended a process; null: the record tells no reason. */
export function reasonIn(record: TraceRecord): string | null {
  if (record.type === 'note') return record.op === 'uncaught' ? world.readUncaught(record).message : null
  if (record.type !== 'fail' && record.type !== 'info') return null
  const fields = fieldsOf(record)
  for (const { fields: named } of shapesOf(record.type, record.op, () => false)) {
    const reason = fields[named.findIndex(([name]) => name === 'reason')]
    if (typeof reason === 'string') return reason
  }
  return null
}
