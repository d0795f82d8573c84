/**
 * What a server's INFO says of it, and what a Sentinel does when that is not as it should be: a promotion has happened, a replica has
 * followed, a former primary must follow, a replica follows the wrong one.
 *
 * Source: sentinel.c (`sentinelRefreshInstanceInfo`) of Redis 7.0
 */
import type { ServerAddress } from '../replication/replication.ts'
import { tellToFollow } from './failover.ts'
import { hurryHellos } from './hello.ts'
import { type Instance, isSame } from './instance.ts'
import type { MonitoredPrimary } from './monitored-primary.ts'
import type { Sentinel } from './sentinel.ts'

/** Takes in an INFO of a primary or a replica. */
export function readInfo(sentinel: Sentinel, instance: Instance, primary: MonitoredPrimary, text: string): void {
  const role = takeIn(sentinel, instance, primary, text)
  const { nowMs } = sentinel
  instance.infoMs = nowMs
  if (role !== instance.roleReported) {
    instance.roleReportedMs = nowMs
    instance.roleReported = role
    if (role === 'replica') instance.followsSinceMs = nowMs
    const word = role === 'primary' ? 'master' : 'slave'
    const channel = instance.kind === role ? '+role-change' : '-role-change'
    sentinel.tell(channel, primary, instance, ` new reported role is ${word}`)
  }
  if (sentinel.tiltSinceMs !== null || instance.kind !== 'replica') return
  if (role === 'primary') isPrimaryNow(sentinel, instance, primary)
  else {
    if (!follows(instance, primary.instance.address)) followsAnother(sentinel, instance, primary)
    noteReconfiguration(sentinel, instance, primary)
  }
}

/** The fields, line by line; the role that it has. */
function takeIn(
  sentinel: Sentinel,
  instance: Instance,
  primary: MonitoredPrimary,
  text: string,
): Instance['roleReported'] {
  const fields = new Map<string, string>()
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':')
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1))
  }
  const runId = fields.get('run_id')
  if (runId !== undefined && runId !== instance.runId) {
    if (instance.runId !== null) sentinel.tell('+reboot', primary, instance)
    instance.runId = runId
  }
  if (instance.kind === 'primary') meetReplicas(sentinel, primary, fields)
  instance.linkDownMs = Number(fields.get('master_link_down_since_seconds') ?? 0) * 1000
  if (fields.get('role') !== 'slave') return 'primary'
  const follows = { host: fields.get('master_host') ?? '', port: Number(fields.get('master_port')) }
  if (instance.primaryReported === null || !isSame(instance.primaryReported, follows)) {
    instance.primaryReported = follows
    instance.followsSinceMs = sentinel.nowMs
  }
  instance.isLinkUp = fields.get('master_link_status') === 'up'
  instance.priority = Number(fields.get('slave_priority'))
  instance.offset = Number(fields.get('slave_repl_offset'))
  instance.isAnnounced = fields.get('replica_announced') !== '0'
  return 'replica'
}

/** A primary lists those who follow it. */
function meetReplicas(sentinel: Sentinel, primary: MonitoredPrimary, fields: ReadonlyMap<string, string>): void {
  for (const [name, value] of fields) {
    const [, host, port] = /^slave\d+$/.test(name) ? (/ip=([^,]*),port=(\d+)/.exec(value) ?? []) : []
    if (host === undefined) continue
    const replica = primary.addReplica({ host, port: Number(port) })
    if (replica !== null) sentinel.tell('+slave', primary, replica)
  }
}

const follows = ({ primaryReported }: Instance, address: ServerAddress): boolean =>
  primaryReported !== null && isSame(primaryReported, address)

/** A replica says that it is a primary: it was promoted, or it is a former primary that must be told. */
function isPrimaryNow(sentinel: Sentinel, instance: Instance, primary: MonitoredPrimary): void {
  if (instance.isPromoted) {
    if (primary.failover !== 'wait_promotion') return
    // The epoch in which this Sentinel was elected makes the others believe it.
    primary.configEpoch = primary.failoverEpoch
    primary.enter('reconf_slaves')
    sentinel.tell('+promoted-slave', primary, instance)
    sentinel.tell('+failover-state-reconf-slaves', primary, primary.instance)
    hurryHellos(sentinel, primary)
    return
  }
  const { nowMs } = sentinel
  // Some time, so that a newer configuration may come that says that it is right.
  const conversionMs = 4 * sentinel.periods['PUBLISH-PERIOD']
  const isSettled = nowMs - instance.roleReportedMs > conversionMs && wasUpFor(instance, nowMs, conversionMs)
  if (!primary.looksSane || !isSettled) return
  tellToFollow(instance, primary.instance.address)
  sentinel.tell('+convert-to-slave', primary, instance)
}

function followsAnother(sentinel: Sentinel, instance: Instance, primary: MonitoredPrimary): void {
  const { nowMs } = sentinel
  const waitMs = primary.failoverTimeoutMs
  const isSettled = nowMs - instance.followsSinceMs > waitMs && wasUpFor(instance, nowMs, waitMs)
  if (!primary.looksSane || !isSettled) return
  tellToFollow(instance, primary.instance.address)
  sentinel.tell('+fix-slave-config', primary, instance)
}

const wasUpFor = ({ downSinceMs }: Instance, nowMs: number, ms: number): boolean =>
  downSinceMs === 0 || nowMs - downSinceMs > ms

/** A replica that was told to follow the promoted one does so, and then has what that one has. */
function noteReconfiguration(sentinel: Sentinel, instance: Instance, primary: MonitoredPrimary): void {
  const { promoted } = primary
  if (instance.reconfiguration === 'sent' && promoted !== null && follows(instance, promoted.address)) {
    instance.reconfiguration = 'in progress'
    sentinel.tell('+slave-reconf-inprog', primary, instance)
  }
  if (instance.reconfiguration === 'in progress' && instance.isLinkUp) {
    instance.reconfiguration = 'done'
    sentinel.tell('+slave-reconf-done', primary, instance)
  }
}
