/**
 * A failover, from its beginning to the end, as the Sentinel goes on with it that is elected for it: the states are those of
 * `monitored-primary.ts`.
 *
 * Source: sentinel.c (`sentinelFailoverStateMachine` and what it calls) of Redis 7.0
 */
import type { ServerAddress } from '../replication/replication.ts'
import type { Instance } from './instance.ts'
import type { MonitoredPrimary } from './monitored-primary.ts'
import { DESYNC_MS } from './periods.ts'
import type { Sentinel } from './sentinel.ts'
import { leaderOf } from './votes.ts'

/** Whether a failover must begin now: not too soon after the last one that this Sentinel began or voted for. */
export const isDue = ({ nowMs }: Sentinel, primary: MonitoredPrimary): boolean =>
  primary.isDown && primary.failover === 'none' && nowMs - primary.failoverStartMs >= 2 * primary.failoverTimeoutMs

export function startFailover(sentinel: Sentinel, primary: MonitoredPrimary): void {
  primary.enter('wait_start')
  sentinel.reachEpoch(sentinel.currentEpoch + 1, primary)
  primary.failoverEpoch = sentinel.currentEpoch
  sentinel.tell('+try-failover', primary, primary.instance)
  primary.failoverStartMs = sentinel.nowMs + sentinel.draw(DESYNC_MS)
}

/** Does what is to be done in the present state. */
export function goOn(sentinel: Sentinel, primary: MonitoredPrimary): void {
  switch (primary.failover) {
    case 'wait_start':
      awaitElection(sentinel, primary)
      break
    case 'select_slave':
      select(sentinel, primary)
      break
    case 'send_slaveof_noone':
      promote(sentinel, primary)
      break
    case 'wait_promotion':
      giveUpInTime(sentinel, primary)
      break
    case 'reconf_slaves':
      reconfigure(sentinel, primary)
      break
    case 'none':
    case 'update_config':
      break
  }
}

function awaitElection(sentinel: Sentinel, primary: MonitoredPrimary): void {
  const isElected = leaderOf(sentinel, primary) === sentinel.id
  if (!isElected && !primary.isForced) {
    const limitMs = Math.min(sentinel.periods['ELECTION-TIMEOUT'], primary.failoverTimeoutMs)
    if (sentinel.nowMs - primary.failoverStartMs > limitMs) {
      sentinel.tell('-failover-abort-not-elected', primary, primary.instance)
      primary.giveUp()
    }
    return
  }
  sentinel.tell('+elected-leader', primary, primary.instance)
  primary.enter('select_slave')
  sentinel.tell('+failover-state-select-slave', primary, primary.instance)
}

function select(sentinel: Sentinel, primary: MonitoredPrimary): void {
  const replica = primary.selectReplica()
  if (replica === null) {
    sentinel.tell('-failover-abort-no-good-slave', primary, primary.instance)
    primary.giveUp()
    return
  }
  sentinel.tell('+selected-slave', primary, replica)
  replica.isPromoted = true
  primary.promoted = replica
  primary.enter('send_slaveof_noone')
  sentinel.tell('+failover-state-send-slaveof-noone', primary, replica)
}

function promote(sentinel: Sentinel, primary: MonitoredPrimary): void {
  const replica = primary.promoted as Instance
  if (replica.link.isDisconnected) {
    giveUpInTime(sentinel, primary)
    return
  }
  tellToFollow(replica, null)
  sentinel.tell('+failover-state-wait-promotion', primary, replica)
  primary.enter('wait_promotion')
}

function giveUpInTime(sentinel: Sentinel, primary: MonitoredPrimary): void {
  if (sentinel.nowMs - primary.failoverStateMs <= primary.failoverTimeoutMs) return
  sentinel.tell('-failover-abort-slave-timeout', primary, primary.instance)
  primary.giveUp()
}

/** The promoted replica has said that it is a primary: the others are told, not more than `parallel-syncs` at a time. */
function reconfigure(sentinel: Sentinel, primary: MonitoredPrimary): void {
  const promoted = primary.promoted as Instance
  const replicas = [...primary.replicas.values()]
  let underWay = replicas.filter(isUnderWay).length
  for (const replica of replicas) {
    if (underWay >= primary.parallelSyncs) break
    if (replica.isPromoted || replica.reconfiguration === 'done') continue
    const sinceMs = sentinel.nowMs - replica.reconfigurationSentMs
    if (replica.reconfiguration === 'sent' && sinceMs > sentinel.periods['SLAVE-RECONF-TIMEOUT']) {
      sentinel.tell('-slave-reconf-sent-timeout', primary, replica)
      replica.reconfiguration = 'done'
    }
    // One that was given up just now is told once more.
    if (isUnderWay(replica) || replica.link.isDisconnected) continue
    tellToFollow(replica, promoted.address)
    replica.reconfiguration = 'sent'
    replica.reconfigurationSentMs = sentinel.nowMs
    sentinel.tell('+slave-reconf-sent', primary, replica)
    underWay += 1
  }
  detectEnd(sentinel, primary, promoted)
}

const isUnderWay = ({ reconfiguration }: Instance): boolean =>
  reconfiguration === 'sent' || reconfiguration === 'in progress'

function detectEnd(sentinel: Sentinel, primary: MonitoredPrimary, promoted: Instance): void {
  if (promoted.isDown) return
  const replicas = [...primary.replicas.values()]
  const isLate = sentinel.nowMs - primary.failoverStateMs > primary.failoverTimeoutMs
  const isMissing = (replica: Instance): boolean =>
    !replica.isPromoted && replica.reconfiguration !== 'done' && !replica.isDown
  if (isLate) sentinel.tell('+failover-end-for-timeout', primary, primary.instance)
  else if (replicas.some(isMissing)) return
  sentinel.tell('+failover-end', primary, primary.instance)
  primary.enter('update_config')
  if (!isLate) return
  for (const replica of replicas) {
    const isTold = replica.reconfiguration === 'done' || replica.reconfiguration === 'sent'
    if (replica.isPromoted || isTold || replica.link.isDisconnected) continue
    tellToFollow(replica, promoted.address)
    sentinel.tell('+slave-reconf-sent-be', primary, replica)
    replica.reconfiguration = 'sent'
  }
}

/**
 * SLAVEOF, kept for the next start, and all clients are cut, so that they ask again where the primary is: in one transaction.
 * `primary` null: it is to be a primary itself.
 */
export function tellToFollow({ link }: Instance, primary: ServerAddress | null): void {
  const [host, port] = primary === null ? ['NO', 'ONE'] : [primary.host, String(primary.port)]
  link.request(['MULTI'])
  link.request(['SLAVEOF', host, port])
  link.request(['CONFIG', 'REWRITE'])
  link.request(['CLIENT', 'KILL', 'TYPE', 'normal'])
  link.request(['CLIENT', 'KILL', 'TYPE', 'pubsub'])
  link.request(['EXEC'])
}
