/**
 * What the cart workload may expect of a session store: the state is S(t+1) = (S(t) ∪ U(t)) − D(t) over what was
 * acknowledged.
 *
 * A change that was acknowledged must be seen by requests that load after that. A change whose outcome is unknown, or that is
 * still under way, may or may not be seen. Nothing is expected before the login and after the logout was acknowledged.
 */
import type { History } from '../history/history.ts'
import type { Operation } from '../history/operation.ts'
import { changedItem, seenBy } from '../record/session.ts'
import type { Cause, Forgetting } from './cause.ts'
import { failedOverIn, forgottenIn, type LetGo } from './server-loss.ts'

/** A look at the session: a load, a web application's page, or the last probe. */
export interface Look {
  readonly process: string
  readonly op: string
  readonly invokedUs: number
  readonly endedUs: number
  readonly invokedIndex: number
  readonly endedIndex: number
  /** Null: there was no session. */
  readonly fields: ReadonlySet<string> | null
}

export interface SessionModel {
  readonly login: Operation | null
  readonly logout: Operation | null
  /** Adds and removals, in the order in which they were invoked. */
  readonly changes: readonly Operation[]
  readonly looks: readonly Look[]
  /** The last look, when all was calm. */
  readonly final: Look | null
}

/**
 * When the server itself let the session go (a restart without its data, an eviction, FLUSHALL) in this stretch of time:
 * a request that misses something then meets a limit. Null: it did not.
 */
export function letGo(history: History, fromUs: number, untilUs: number): LetGo | null {
  if (isUnwatched(history)) return forgottenIn(history, { fromUs, untilUs })
  const lost = history.grants.find(({ endedBy, untilUs: us }) => endedBy === 'lost' && us >= fromUs && us <= untilUs)
  if (lost === undefined) return failedOverIn(history, { fromUs, untilUs })
  return { node: lost.node, how: lost.endedByWhom as Forgetting }
}

/** Only an application knows which keys its sessions are in: then what befell the server has to do instead of what befell the keys. */
export const isUnwatched = (history: History): boolean => history.grants.length === 0

/** That as a cause. */
export const letGoCause = (lost: LetGo): Cause => ({ kind: 'session-let-go', ...lost })

/** The field a change is about. */
export const fieldOf = (change: Operation): string => changedItem(change.asked)

/** Reads the model's operations off a history. */
export function sessionModel(history: History): SessionModel {
  const { operations } = history
  const looks: Look[] = operations
    .filter(({ op, outcome }) => (op === 'load' || op === 'read' || op === 'probe') && outcome === 'ok')
    .map((operation) => {
      const fields = seenBy(operation.op, operation.answer)
      return {
        process: operation.process,
        op: operation.op,
        invokedUs: operation.invokedUs,
        endedUs: operation.endedUs,
        invokedIndex: operation.invokedIndex,
        endedIndex: operation.endedIndex,
        fields: fields === null ? null : new Set(fields.split(' ')),
      }
    })
  return {
    login: operations.find((operation) => operation.op === 'login' && operation.outcome === 'ok') ?? null,
    logout: operations.find((operation) => operation.op === 'logout') ?? null,
    changes: operations.filter((operation) => operation.op === 'add' || operation.op === 'remove'),
    looks,
    final: looks.findLast((look) => look.op === 'probe') ?? null,
  }
}

/** When a session was last used, as far as was acknowledged, before a look at it; before the login: never. */
export const lastUsedUs = ({ login, changes }: SessionModel, look: Look): number =>
  Math.max(
    ...[login, ...changes.filter(({ outcome }) => outcome === 'ok')].map((operation) =>
      operation !== null && operation.invokedUs <= look.invokedUs ? operation.invokedUs : Number.NEGATIVE_INFINITY,
    ),
  )

/** Whether a session may be gone that a look did not find: nothing had used it for its time to live. */
export function isIdle(history: History, model: SessionModel, look: Look): boolean {
  const usedUs = lastUsedUs(model, look)
  return Number.isFinite(usedUs) && look.endedUs - usedUs >= history.rules.ttlMs * 1_000
}

/**
 * Whether a look had to see a change: it was acknowledged before the look began, no later change of the same field could
 * have undone it, and no logout can have begun.
 */
export function mustSee(model: SessionModel, look: Look, change: Operation): boolean {
  if (change.outcome !== 'ok' || change.endedUs > look.invokedUs) return false
  if (model.logout !== null && model.logout.invokedUs < look.endedUs) return false
  return !model.changes.some(
    (other) =>
      other !== change &&
      fieldOf(other) === fieldOf(change) &&
      other.endedUs > change.invokedUs &&
      other.invokedUs < look.endedUs &&
      other.outcome !== 'fail',
  )
}

/** Whether a look shows what a change did. */
export const shows = (look: Look, change: Operation): boolean =>
  look.fields !== null && look.fields.has(fieldOf(change)) === (change.op === 'add')
