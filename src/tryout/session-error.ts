/**
 * What is wrong with the set-up of a session store or a web application: in a world without faults nothing of what it was asked
 * succeeded.
 */
import { UsageError } from '../sim/usage-error.ts'
import type { WorldRun } from '../world/run-world.ts'

/** The error that a user is told; null: the set-up is right. */
export function sessionError({ name, run }: { readonly name: string; readonly run: WorldRun }): UsageError | null {
  const ended = run.records.filter(({ type }) => type === 'ok' || type === 'fail' || type === 'info')
  if (ended.length === 0 || ended.some(({ type }) => type === 'ok')) return null
  const reasons = ended
    .map(({ value }) => (Array.isArray(value) ? value.at(-1) : value))
    .filter((value) => typeof value === 'string')
  return new UsageError(
    name,
    `all of ${ended.length} requests failed, without any fault: ${reasons[0] ?? 'no reason was given'}`,
    'make one request succeed: nothing else can be tested before',
  )
}
