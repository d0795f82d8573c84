/** What is wrong with the set-up of a leader election: in a world without faults no campaign begins, nobody leads, or nobody can resign. */

import type { UsageError } from '../sim/usage-error.ts'
import { type ContractWorld, contractError } from './contract-error.ts'

/** The error that a user is told; null: the set-up is right. */
export const leaderError = (world: ContractWorld): UsageError | null =>
  contractError(world, [
    {
      op: 'campaign',
      fails: 'each campaign failed',
      isMissing: 'campaign() never came back',
      fix: 'resolve it when the campaign has begun, elected or not',
    },
    {
      op: 'lead',
      isMissing: 'no candidate was told that it leads',
      fix: 'call candidate.onElected() when it leads, and onDeposed() only when it leads no more',
    },
    {
      op: 'resign',
      fails: 'no leader could resign',
      isMissing: 'resign() never came back',
      fix: 'resolve it when another candidate may lead',
    },
  ])
