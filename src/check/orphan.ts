/**
 * Orphans: keys in Redis whose owner is alive, was told that it does not have the lock (or gave it back), and does nothing
 * about them; and keys that others prolong after their owner has ended.
 */
import type { Grant } from '../history/grant.ts'
import type { History } from '../history/history.ts'
import type { Operation } from '../history/operation.ts'
import { heldRequests, outages, reachableUs } from '../history/reach.ts'
import { releasedIsMine, releaseReason } from '../record/lock.ts'
import { readTruth } from '../record/truth.ts'
import type { Cause } from './cause.ts'
import type { ToldOwner } from './told.ts'

/** Since when a key is an orphan, and how that came about. */
export interface Orphaned {
  readonly fromUs: number
  /** When its owner had been told, and had the key. */
  readonly toldUs: number
  /** What its owner was told. */
  readonly told: ToldOwner
  readonly cause: Cause
}

/** Since when this key is an orphan; null: its owner is gone, still busy with it, or believes in it. */
export function orphanedBy(history: History, grant: Grant): Orphaned | null {
  const { owner } = grant
  // What a failover brought back, or kept its owner from taking back, is not its owner's affair.
  if (grant.brokenBy !== undefined) return null
  const crashedUs = history.ended.get(owner)
  if (crashedUs !== undefined && crashedUs < grant.untilUs && crashedUs >= grant.fromUs) return null
  const acquire = attemptOf(history, grant)
  if (acquire === undefined || acquire.outcome === 'pending') return null
  const release = releaseOf(history, acquire)
  // Told that it has it: then only a release that says it succeeded, or that it was not its own, ends its duty. One that
  // failed may not be its fault; but a client that hears NOSCRIPT only has to send the script, and what Redis calls an error
  // of the command it will never accept.
  const isSettled = release?.outcome === 'ok' || isForgotten(release) || refusal(release) !== null
  if (acquire.outcome === 'ok' && !isSettled) return null
  if (keptByRelease(history, grant, release)) return null
  // Of several nodes a client may be cut off from one and reach the others: `kept-votes.ts` looks at each way.
  const isExcused = !history.isQuorum && (wasUnderWay(history, grant, acquire) || wasCutOff(history, grant, acquire))
  if (acquire.outcome !== 'ok' && isExcused) return null
  const toldUs = Math.max(grant.fromUs, acquire.endedUs, release?.endedUs ?? 0)
  // An attempt that waited in the driver's queue while its caller gave up: what takes it back waits behind it there.
  const isLate = acquire.outcome !== 'ok' && grant.fromUs > acquire.endedUs
  const way = { client: owner, node: grant.node, atUs: toldUs, forUs: 0, wasConnected: true }
  const fromUs = isLate ? reachableUs(history, way) : toldUs
  return { fromUs, toldUs, ...explanation(history, grant, { acquire, release }) }
}

/**
 * Whether the release itself gave the key another value or another time to live: then it stays on purpose, as the answer to a
 * request does, or a lock that is kept for a least time. A renewal that arrives meanwhile changes neither.
 */
function keptByRelease(history: History, { node, key, owner }: Grant, release: Operation | undefined): boolean {
  if (release?.outcome !== 'ok') return false
  let beforeUs: number | null = null
  for (const record of history.lanes.truth) {
    if (record.process !== node || record.atUs > release.endedUs) continue
    const truth = readTruth(record)
    if (truth.key !== key) continue
    const isNew = truth.op === 'overwritten' || (truth.op === 'extended' && !isSameTtl(truth.ttlUs, beforeUs))
    if (isNew && truth.by === owner && record.atUs >= release.invokedUs) return true
    beforeUs = truth.ttlUs
  }
  return false
}

/** Whether two times to live are one, as a client asks for it: in whole milliseconds, of which a part may be over. */
const isSameTtl = (one: number | null, other: number | null): boolean =>
  one === other || Math.abs((one ?? Number.POSITIVE_INFINITY) - (other ?? Number.POSITIVE_INFINITY)) < 2_000

/** Whether the last that its owner did to a key without an expiry was to keep it on purpose. */
export function isKeptOnPurpose(history: History, grant: Grant): boolean {
  const acquire = attemptOf(history, grant)
  return acquire !== undefined && keptByRelease(history, grant, releaseOf(history, acquire))
}

const releaseOf = (history: History, { token }: Operation): Operation | undefined =>
  history.operations.find((operation) => operation.op === 'release' && operation.token === token)

/**
 * Whether commands of the attempt were held: what arrives after the caller was told cannot be taken back, and what takes it
 * back may itself be under way.
 */
const wasUnderWay = (history: History, grant: Grant, acquire: Operation): boolean =>
  heldRequests(history, grant.owner, grant.node).some(
    ({ fromUs, untilUs }) =>
      fromUs <= acquire.endedUs && (grant.fromUs > acquire.endedUs || untilUs >= acquire.invokedUs),
  )

/** Whether the owner of a key that it had by then could not reach the node when it gave up: then it cannot be asked. */
const wasCutOff = (history: History, grant: Grant, { endedUs }: Operation): boolean =>
  grant.fromUs <= endedUs &&
  outages(history, grant.owner, grant.node).some(({ fromUs, untilUs }) => fromUs <= endedUs && untilUs >= endedUs)

/** A key that others prolonged after its owner had ended. */
export interface Prolonged {
  /** When it would have ended. */
  readonly deadlineUs: number
  readonly helpers: readonly string[]
}

/** Who prolonged this key after its owner had ended; null: no client did, or it had not ended while it had the key. */
export function prolongedBy(history: History, grant: Grant): Prolonged | null {
  const crashedUs = history.ended.get(grant.owner)
  if (crashedUs === undefined) return null
  let deadlineUs: number | null = null
  const helpers = new Set<string>()
  for (const record of history.lanes.truth) {
    if (record.process !== grant.node || record.atUs < grant.fromUs) continue
    const { key, by, expireUs } = readTruth(record)
    if (key !== grant.key || record.atUs >= grant.untilUs) continue
    if (record.atUs <= crashedUs) deadlineUs = expireUs
    else if (record.op === 'extended' && by !== grant.owner) helpers.add(by)
  }
  if (deadlineUs === null || helpers.size === 0) return null
  return { deadlineUs, helpers: [...helpers] }
}

/** When the last belief of its owner in a grant that lasts for ever ended; the grant's own beginning when there was none. */
export const unbelievedUs = ({ holds }: History, { owner, fromUs }: Grant): number =>
  Math.max(fromUs, ...holds.filter(({ client }) => client === owner).map(({ untilUs }) => untilUs))

/** What the owner was told, and how that came about. */
function explanation(
  history: History,
  grant: Grant,
  { acquire, release }: { readonly acquire: Operation; readonly release: Operation | undefined },
): Pick<Orphaned, 'told' | 'cause'> {
  if (acquire.outcome === 'fail' && history.isQuorum)
    return { told: 'not had', cause: { kind: 'votes-not-taken-back' } }
  if (acquire.outcome === 'fail') return { told: 'held by another', cause: { kind: 'attempt-misread' } }
  if (acquire.outcome === 'info') return { told: 'an error', cause: { kind: 'attempt-not-taken-back' } }
  if (isForgotten(release)) return { told: 'noscript', cause: { kind: 'script-forgotten' } }
  const refused = refusal(release)
  if (refused !== null) return { told: 'release refused', cause: { kind: 'release-refused', reply: refused } }
  // What came when the release had begun, a release cannot have removed.
  if (release?.outcome === 'ok' && grant.fromUs > release.invokedUs)
    return { told: 'released', cause: { kind: 'taken-again-late', afterUs: grant.fromUs - release.invokedUs } }
  return release?.outcome === 'ok' && releasedIsMine(release.answer) === true
    ? { told: 'released', cause: { kind: 'release-without-effect' } }
    : { told: 'not its own', cause: { kind: 'release-gave-up' } }
}

/** A release by EVALSHA alone, refused because the server has forgotten the script. */
const isForgotten = (release: Operation | undefined): boolean =>
  release?.outcome === 'info' && releaseReason(release.answer).startsWith('NOSCRIPT ')

/** The attempt that took a key: the one whose token it holds; of a lock with tokens of its own, the last one begun by then. */
export function attemptOf(history: History, grant: Grant): Operation | undefined {
  const attempts = history.operations.filter(
    (operation) =>
      operation.op === 'acquire' && operation.process === grant.owner && operation.invokedUs <= grant.fromUs,
  )
  return attempts.find((operation) => operation.token === grant.text) ?? attempts.at(-1)
}

/** Redis's error text when it refused a release as a mistake (`ERR …`), whatever its state; else null. */
function refusal(release: Operation | undefined): string | null {
  const text = release?.outcome === 'info' ? releaseReason(release.answer) : ''
  return text.startsWith('ERR ') ? text : null
}
