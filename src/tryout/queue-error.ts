/**
 * What is wrong with the set-up of a job queue: in a world without faults its worker cannot be started, no job can be added, or no
 * worker is ever given one.
 */

import type { UsageError } from '../sim/usage-error.ts'
import { type ContractWorld, contractError } from './contract-error.ts'

/** The error that a user is told; null: the set-up is right. */
export function queueError(world: ContractWorld): UsageError | null {
  const added = world.run.records.filter(({ op, type }) => op === 'put' && type === 'ok').length
  return contractError(world, [
    {
      op: 'start',
      fails: 'its worker could not be started',
      isMissing: 'work() never came back',
      fix: 'resolve it when the worker has started',
    },
    {
      op: 'put',
      fails: 'no job could be added',
      isMissing: 'add() never came back',
      fix: 'resolve it when the job is in the queue',
    },
    {
      op: 'run',
      isMissing: `${added} jobs were added, and no worker was given one`,
      fix: 'call handle(job) for each job, with the text that add was given',
    },
  ])
}
