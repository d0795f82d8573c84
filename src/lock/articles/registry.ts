/**
 * The locks of the articles that the project began from, with the same commands in the same order, and the repaired ones
 * beside them. They run in `scenarios/articles`, and elsewhere only when `--only` asks for them. What is not here is a
 * built-in lock already: S8 is `plain-set`, S13 `watchdog`, S14 and S25 `set-nx-lua`, S24 `naive`.
 */
import type { LockDefinition } from '../lock.ts'
import { constantValue } from './constant-value.ts'
import { emergencyEval, emergencyEvalNx } from './emergency-eval.ts'
import { ephemeralNode, ephemeralNodeZxid } from './ephemeral-node.ts'
import { evalSet } from './eval-set.ts'
import { expireOnArrival } from './expire-on-arrival.ts'
import { luaFalse, luaNil } from './lua-compare.ts'
import { reentrantHash } from './reentrant-hash.ts'
import { setNxWait } from './set-nx-wait.ts'
import { setnxFormulas } from './setnx-formulas.ts'
import { sortedSetClientTime, sortedSetTicket } from './sorted-set.ts'
import { pubsubWakeUp, queueWakeUp, subscribedFirst } from './wake-up.ts'

/** In the order of the articles. */
export const ARTICLE_LOCKS: readonly LockDefinition[] = [
  constantValue,
  emergencyEval,
  emergencyEvalNx,
  evalSet,
  luaNil,
  luaFalse,
  reentrantHash,
  sortedSetClientTime,
  sortedSetTicket,
  setNxWait,
  expireOnArrival,
  setnxFormulas,
  ephemeralNode,
  ephemeralNodeZxid,
  pubsubWakeUp,
  queueWakeUp,
  subscribedFirst,
]
