/**
 * What is wrong with the set-up of a subject that is neither a lock nor a session store, told by the steps of its contract: in a world
 * without faults one of them fails each time, or never comes to its end.
 */
import { reasonIn } from '../record/registry.ts'
import type { TraceRecord } from '../sim/trace.ts'
import { UsageError } from '../sim/usage-error.ts'
import type { WorldRun } from '../world/run-world.ts'
import { type FirstWorld, lacksCommand } from './set-up-error.ts'

/** What of the first world is looked at. */
export type ContractWorld = Pick<FirstWorld, 'name' | 'unknownCommand'> & { readonly run: WorldRun }

/** A step of a contract: an operation that must end well at least once. */
export interface Step {
  readonly op: string
  /** What is said when it only fails; missing: its failure is not the subject's. */
  readonly fails?: string
  /** What is said when it never ends, and the fix. */
  readonly isMissing: string
  readonly fix: string
}

/** The error that a user is told; null: the set-up is right. */
export function contractError({ name, unknownCommand, run }: ContractWorld, steps: readonly Step[]): UsageError | null {
  if (unknownCommand !== null) return lacksCommand(name, unknownCommand)
  const of = (op: string, type: TraceRecord['type']): readonly TraceRecord[] =>
    run.records.filter((record) => record.op === op && record.type === type)
  const uncaught = run.records.find(({ type, op }) => type === 'note' && op === 'uncaught')
  if (uncaught !== undefined) {
    return new UsageError(name, `it ended its process, without any fault: ${reasonIn(uncaught) ?? ''}`, FIX)
  }
  const missing = steps.filter(({ op }) => of(op, 'ok').length === 0)
  for (const { op, fails } of missing) {
    const [failed] = of(op, 'info')
    if (fails === undefined || failed === undefined) continue
    return new UsageError(name, `${fails}, without any fault: ${reasonIn(failed) ?? 'no reason was given'}`, FIX)
  }
  const [first] = missing
  return first === undefined ? null : new UsageError(name, `${first.isMissing}, without any fault`, first.fix)
}

const FIX = 'make it work without faults: nothing else can be tested before'
