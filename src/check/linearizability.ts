/**
 * linearizability: the protected counter behaves as if its increments happened one after the other, and the session as if
 * its loads and changes did. An independent judge beside the hand-made checks, so that none of them is trusted alone.
 */
import type { History } from '../history/history.ts'
import { writtenValue } from '../record/counter.ts'
import type { Cause } from './cause.ts'
import type { Check } from './check.ts'
import { linearize, type SequentialModel, STEPS_MAX, type TimedOperation } from './linearize.ts'
import {
  fieldOf,
  isIdle,
  lastUsedUs,
  letGo,
  letGoCause,
  type SessionModel,
  serverTook,
  sessionModel,
} from './session-model.ts'
import { staleWrite } from './stale-write.ts'
import type { Violation } from './verdict.ts'

export const linearizability: Check = {
  name: 'linearizability',
  heading: 'not linearizable',
  weight: 'harm',
  summary: 'increments (or session changes) behave as if they happened one after the other',
  subjects: ['lock', 'session'],
  isForOneHolder: true,
  run(history, undecided = () => {}) {
    const isSession = history.operations.some((operation) => operation.op === 'login')
    return isSession ? judgeSession(history, undecided) : judgeCounter(history, undecided)
  },
}

/** An increment, with the value it wrote. */
const COUNTER: SequentialModel<number, number> = {
  initial: 0,
  step: (state, written) => (written === state + 1 ? written : undefined),
  key: String,
}

const GIVEN_UP = `whether operations could have happened one after the other was not found out in ${STEPS_MAX.toLocaleString('en')} steps`

/** Whether no order of the operations explains them; when that stays unknown, it is told. */
function isBroken(isLinearizable: ReturnType<typeof linearize>, undecided: (reason: string) => void): boolean {
  if (isLinearizable === 'unknown') undecided(GIVEN_UP)
  return isLinearizable === 'no'
}

function judgeCounter(history: History, undecided: (reason: string) => void): readonly Violation[] {
  const reads = new Map<string, number>()
  for (const { op, token, invokedIndex } of history.operations) if (op === 'read') reads.set(token, invokedIndex)
  const increments: TimedOperation<number>[] = []
  let lastUs = 0
  for (const write of history.operations) {
    if (write.op !== 'write' || write.outcome === 'fail') continue
    const endedAt = write.outcome === 'ok' ? write.endedIndex : null
    increments.push({
      input: writtenValue(write.asked),
      invokedAt: reads.get(write.token) ?? write.invokedIndex,
      endedAt,
    })
    lastUs = Math.max(lastUs, write.endedUs)
  }
  if (!isBroken(linearize(COUNTER, increments), undecided)) return []
  // A lost update is what stale writes do; it is the lock's bug only if theirs are.
  const stale = staleWrite.run(history)
  const first = stale.find(({ kind }) => kind === 'bug') ?? stale[0]
  const isLimit = first?.kind === 'limit'
  return [
    {
      property: 'linearizability',
      kind: isLimit ? 'limit' : 'bug',
      told: { kind: 'increment-lost' },
      cause: first?.cause ?? { kind: 'same-value-read' },
      atUs: first?.atUs ?? 0,
      untilUs: lastUs,
      processes: first?.processes ?? [],
    },
  ]
}

type SessionInput =
  | { readonly op: 'login' }
  | { readonly op: 'logout' }
  | { readonly op: 'add' | 'remove'; readonly field: string }
  | { readonly op: 'look'; readonly fields: string | null }

const SESSION: SequentialModel<string | null, SessionInput> = {
  initial: null,
  step(state, input) {
    switch (input.op) {
      case 'login':
        return 'user'
      case 'logout':
        return null
      case 'look':
        return state === input.fields ? state : undefined
      case 'add':
        return state === null ? undefined : [...new Set([...state.split(' '), input.field])].sort().join(' ')
      case 'remove':
        return state === null
          ? undefined
          : state
              .split(' ')
              .filter((field) => field !== input.field)
              .join(' ')
    }
  },
  key: String,
}

function judgeSession(history: History, undecided: (reason: string) => void): readonly Violation[] {
  const model = sessionModel(history)
  const timed: TimedOperation<SessionInput>[] = []
  let lastUs = 0
  // From here on the session may have ended by itself, which the model knows nothing of.
  const idleAt =
    model.looks.find((look) => look.fields === null && isIdle(history, model, look))?.invokedIndex ??
    Number.POSITIVE_INFINITY
  for (const operation of history.operations) {
    const { op, outcome, invokedIndex, endedIndex } = operation
    if (invokedIndex > idleAt) continue
    if (outcome === 'fail' || (op !== 'login' && op !== 'logout' && op !== 'add' && op !== 'remove')) continue
    const input: SessionInput = op === 'add' || op === 'remove' ? { op, field: fieldOf(operation) } : { op }
    // One that was still under way may have had its effect before.
    timed.push({
      input,
      invokedAt: invokedIndex,
      endedAt: outcome === 'ok' && endedIndex <= idleAt ? endedIndex : null,
    })
  }
  for (const look of model.looks) {
    if (look.endedIndex > idleAt) continue
    const fields = look.fields === null ? null : [...look.fields].join(' ')
    timed.push({ input: { op: 'look', fields }, invokedAt: look.invokedIndex, endedAt: look.endedIndex })
    lastUs = Math.max(lastUs, look.endedUs)
  }
  if (!isBroken(linearize(SESSION, timed), undecided)) return []
  // Once the server has let the session go no store can tell a consistent story; its own mistakes show in the other checks.
  const lost = letGo(history, model.login?.invokedUs ?? 0, lastUs)
  const excuse = lost === null ? takenByClock(history, model) : letGoCause(lost)
  return [
    {
      property: 'linearizability',
      kind: excuse === null ? 'bug' : 'limit',
      told: { kind: 'not-one-after-the-other' },
      cause: excuse ?? { kind: 'no-order-explains-it' },
      atUs: model.login?.endedUs ?? 0,
      untilUs: lastUs,
      processes: [],
    },
  ]
}

/** Why a request found no session that a server's clock had ended too early, whether or not anybody knows that it had begun; else null. */
function takenByClock(history: History, model: SessionModel): Cause | null {
  const fromUs = model.logins[0]?.invokedUs ?? 0
  for (const look of model.looks) {
    const usedUs = lastUsedUs(model, look)
    if (look.fields !== null || !Number.isFinite(usedUs) || isIdle(history, model, look)) continue
    const excuse = serverTook(history, look, { fromUs, usedUs })
    if (excuse !== null) return excuse
  }
  return null
}
