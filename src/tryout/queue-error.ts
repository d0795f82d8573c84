/**
 * What is wrong with the set-up of a job queue: in a world without faults its worker cannot be started, no job can be added, or no
 * worker is ever given one.
 */

import { reasonIn } from '../record/registry.ts'
import type { TraceRecord } from '../sim/trace.ts'
import { UsageError } from '../sim/usage-error.ts'
import type { WorldRun } from '../world/run-world.ts'
import { type FirstWorld, lacksCommand } from './set-up-error.ts'

/** The error that a user is told; null: the set-up is right. */
export function queueError({
  name,
  unknownCommand,
  run,
}: Pick<FirstWorld, 'name' | 'unknownCommand'> & { readonly run: WorldRun }): UsageError | null {
  if (unknownCommand !== null) return lacksCommand(name, unknownCommand)
  const of = (op: string, type: TraceRecord['type']): readonly TraceRecord[] =>
    run.records.filter((record) => record.op === op && record.type === type)
  const fails = (op: string, what: string): UsageError | null => {
    const [failed] = of(op, 'info')
    if (failed === undefined || of(op, 'ok').length > 0) return null
    return new UsageError(name, `${what}, without any fault: ${reasonIn(failed) ?? 'no reason was given'}`, FIX)
  }
  const uncaught = run.records.find(({ type, op }) => type === 'note' && op === 'uncaught')
  if (uncaught !== undefined) {
    return new UsageError(name, `it ended its process, without any fault: ${reasonIn(uncaught) ?? ''}`, FIX)
  }
  const isAnswered = of('put', 'ok').length > 0
  return (
    fails('start', 'its worker could not be started') ??
    fails('put', 'no job could be added') ??
    (of('start', 'ok').length === 0
      ? new UsageError(name, 'work() never came back, without any fault', 'resolve it when the worker has started')
      : !isAnswered
        ? new UsageError(name, 'add() never came back, without any fault', 'resolve it when the job is in the queue')
        : of('run', 'ok').length === 0
          ? new UsageError(
              name,
              `${of('put', 'ok').length} jobs were added, and no worker was given one, without any fault`,
              'call handle(job) for each job, with the text that add was given',
            )
          : null)
  )
}

const FIX = 'make it work without faults: nothing else can be tested before'
