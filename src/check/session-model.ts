/**
 * What the cart workload may expect of a session store: the state is S(t+1) = (S(t) ∪ U(t)) − D(t) over what was
 * acknowledged.
 *
 * A change that was acknowledged must be seen by requests that load after that. A change whose outcome is unknown, or that is
 * still under way, may or may not be seen. Nothing is expected before the login and after the logout was acknowledged, and a user
 * who logs in once more begins anew.
 */
import type { Span } from '../history/fault-span.ts'
import type { Grant } from '../history/grant.ts'
import type { History } from '../history/history.ts'
import type { Operation } from '../history/operation.ts'
import { changedItem, seenBy } from '../record/session.ts'
import type { Cause, Forgetting } from './cause.ts'
import { aheadOf, endedEarly } from './lease-end.ts'
import { failedOverIn, forgottenIn, type LetGo, movedAheadUs } from './server-loss.ts'

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
  /** The first that was acknowledged. */
  readonly login: Operation | null
  /** Those that may have had an effect, and of them those behind the first: each begins a session anew. */
  readonly logins: readonly Operation[]
  readonly laterLogins: readonly Operation[]
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
  if (lost === undefined) {
    const stretch = { fromUs, untilUs }
    return broughtBack(history, stretch, ({ brokenBy }) => brokenBy === 'restart') ?? failedOverIn(history, stretch)
  }
  return { node: lost.node, how: lost.endedByWhom as Forgetting }
}

/** What a failover, or a restart with what was on the disk, brought back in a stretch of time; null: nothing that is meant. */
export function broughtBack({ grants }: History, stretch: Span, isMeant: (grant: Grant) => boolean): LetGo | null {
  for (const grant of grants) {
    const { node, brokenBy: how, fromUs } = grant
    if (how !== undefined && fromUs >= stretch.fromUs && fromUs <= stretch.untilUs && isMeant(grant))
      return { node, how }
  }
  return null
}

/** Only an application knows which keys its sessions are in: then what befell the server has to do instead of what befell the keys. */
export const isUnwatched = (history: History): boolean => history.grants.length === 0

/** That as a cause. */
export const letGoCause = (lost: LetGo): Cause => ({ kind: 'session-let-go', ...lost })

/**
 * Why a look may have missed something that no store can keep: the server let the session go since `fromUs`, or its clock ended it
 * before its time since it was last used, `usedUs` (missing: `fromUs`). Null: there is no such reason.
 */
export function serverTook(
  history: History,
  look: Look,
  { fromUs, usedUs = fromUs }: { readonly fromUs: number; readonly usedUs?: number },
): Cause | null {
  const lost = letGo(history, fromUs, look.endedUs)
  return lost === null ? clockRanAhead(history, look, usedUs) : letGoCause(lost)
}

/** The cause when a server's clock ended the session too early, which no store can prevent; else null. */
function clockRanAhead(history: History, { process, endedUs }: Look, fromUs: number): Cause | null {
  if (isUnwatched(history)) return clockWasMoved(history, { client: process, fromUs, untilUs: endedUs })
  const last = history.grants.findLast(({ untilUs }) => untilUs >= fromUs && untilUs <= endedUs)
  if (last?.endedBy !== 'expired' || !endedEarly(last)) return null
  return { kind: 'redis-lost-it', client: process, ends: [aheadOf(last)], votes: null }
}

/** The cause when a server's clock was moved past the end of a session whose key is not known; else null. */
function clockWasMoved(
  history: History,
  { client, fromUs, untilUs }: { readonly client: string; readonly fromUs: number; readonly untilUs: number },
): Cause | null {
  const ttlUs = history.rules.ttlMs * 1_000
  const livedUs = untilUs - fromUs
  for (const node of history.servers) {
    const aheadUs = movedAheadUs(history, node, { fromUs, untilUs })
    if (aheadUs > 0 && livedUs + aheadUs >= ttlUs)
      return { kind: 'redis-lost-it', client, ends: [{ node, how: 'clock ahead', livedUs, ttlUs }], votes: null }
  }
  return null
}

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
  const logins = operations.filter((operation) => operation.op === 'login' && operation.outcome !== 'fail')
  return {
    login: logins.find(({ outcome }) => outcome === 'ok') ?? null,
    logins,
    laterLogins: logins.slice(1),
    logout: operations.find((operation) => operation.op === 'logout') ?? null,
    changes: operations.filter((operation) => operation.op === 'add' || operation.op === 'remove'),
    looks,
    final: looks.findLast((look) => look.op === 'probe') ?? null,
  }
}

/**
 * When a session was last used before a look at it, by what was acknowledged before that, or found it before that and was acknowledged
 * later, before anybody logged in anew; at least by the first login, of which nobody may know whether it was one. Before the login:
 * never.
 */
export function lastUsedUs({ logins, laterLogins, changes, looks }: SessionModel, look: Look): number {
  const found = ({ process, invokedIndex, endedUs }: Operation): boolean =>
    looks.some(
      (its) =>
        its.process === process &&
        its.invokedIndex >= invokedIndex &&
        its.endedUs <= look.invokedUs &&
        its.fields !== null,
    ) && !laterLogins.some((login) => login.invokedUs >= look.invokedUs && login.invokedUs <= endedUs)
  const uses = [
    ...logins.slice(0, 1),
    ...laterLogins.filter(({ outcome, endedUs }) => outcome === 'ok' && endedUs <= look.invokedUs),
    ...changes.filter((change) => change.outcome === 'ok' && (change.endedUs <= look.invokedUs || found(change))),
  ]
  return Math.max(...uses.map(({ invokedUs }) => invokedUs).filter((us) => us <= look.invokedUs))
}

/** Whether a session may be gone that a look did not find: nothing had used it for its time to live. */
export function isIdle(history: History, model: SessionModel, look: Look): boolean {
  const usedUs = lastUsedUs(model, look)
  return Number.isFinite(usedUs) && look.endedUs - usedUs >= history.rules.ttlMs * 1_000
}

/**
 * Whether a look had to see a change: it was acknowledged before the look began, no later change of the same field could
 * have undone it, no logout can have begun, and nobody logged in once more.
 */
export function mustSee(model: SessionModel, look: Look, change: Operation): boolean {
  if (change.outcome !== 'ok' || change.endedUs > look.invokedUs) return false
  if (model.logout !== null && model.logout.invokedUs < look.endedUs) return false
  if (model.laterLogins.some((login) => login.endedUs > change.invokedUs && login.invokedUs < look.endedUs))
    return false
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
