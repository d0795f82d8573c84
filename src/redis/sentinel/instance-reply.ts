/**
 * What SENTINEL MASTER, REPLICAS and SENTINELS say of a server: pairs of a name and a text.
 *
 * Source: sentinel.c (`addReplySentinelRedisInstance`) of Redis 7.0
 */
import type { Reply } from '../reply.ts'
import { type Instance, KIND_WORDS } from './instance.ts'
import type { MonitoredPrimary } from './monitored-primary.ts'

type Fields = readonly (readonly [string, string | number])[]

export function instanceReply(instance: Instance, primary: MonitoredPrimary, nowMs: number): Reply {
  const { kind } = instance
  const fields: Fields = [
    ...common(instance, primary, nowMs),
    ...(kind === 'sentinel' ? [] : reported(instance, nowMs)),
    ...(kind === 'primary'
      ? settings(primary)
      : kind === 'replica'
        ? asReplica(instance)
        : asSentinel(instance, nowMs)),
  ]
  return { kind: 'map', entries: fields.map(([name, value]) => [name, String(value)]) }
}

function common(instance: Instance, primary: MonitoredPrimary, nowMs: number): Fields {
  const { kind, name, address, runId, link, isDown, downSinceMs } = instance
  const isFailingOver = kind === 'primary' && primary.failover !== 'none'
  return [
    ['name', name],
    ['ip', address.host],
    ['port', address.port],
    ['runid', runId ?? ''],
    ['flags', flagsOf(instance, primary).join(',')],
    ['link-pending-commands', link.pendingCount],
    ['link-refcount', 1],
    ...(isFailingOver ? [['failover-state', primary.failover] as const] : []),
    ['last-ping-sent', link.unansweredMs === 0 ? 0 : nowMs - link.unansweredMs],
    ['last-ok-ping-reply', nowMs - link.aliveMs],
    ['last-ping-reply', nowMs - link.answeredMs],
    ...(isDown ? [['s-down-time', nowMs - downSinceMs] as const] : []),
    ...(kind === 'primary' && primary.isDown ? [['o-down-time', nowMs - primary.downSinceMs] as const] : []),
    ['down-after-milliseconds', primary.downAfterMs],
  ]
}

function flagsOf(instance: Instance, primary: MonitoredPrimary): readonly string[] {
  const { kind, isDown, link, saysPrimaryIsDown, isPromoted, reconfiguration } = instance
  const isPrimary = kind === 'primary'
  const flags: readonly (readonly [boolean, string])[] = [
    [isDown, 's_down'],
    [isPrimary && primary.isDown, 'o_down'],
    [true, KIND_WORDS[kind]],
    [link.isDisconnected, 'disconnected'],
    [saysPrimaryIsDown, 'master_down'],
    [isPrimary && primary.failover !== 'none', 'failover_in_progress'],
    [isPromoted, 'promoted'],
    [reconfiguration === 'sent', 'reconf_sent'],
    [reconfiguration === 'in progress', 'reconf_inprog'],
    [reconfiguration === 'done', 'reconf_done'],
    [isPrimary && primary.isForced, 'force_failover'],
  ]
  return flags.filter(([isSet]) => isSet).map(([, name]) => name)
}

const reported = ({ infoMs, roleReported, roleReportedMs }: Instance, nowMs: number): Fields => [
  ['info-refresh', infoMs === 0 ? 0 : nowMs - infoMs],
  ['role-reported', KIND_WORDS[roleReported]],
  ['role-reported-time', nowMs - roleReportedMs],
]

const settings = (primary: MonitoredPrimary): Fields => [
  ['config-epoch', primary.configEpoch],
  ['num-slaves', primary.replicas.size],
  ['num-other-sentinels', primary.sentinels.size],
  ['quorum', primary.quorum],
  ['failover-timeout', primary.failoverTimeoutMs],
  ['parallel-syncs', primary.parallelSyncs],
]

const asReplica = ({ linkDownMs, isLinkUp, primaryReported, priority, offset, isAnnounced }: Instance): Fields => [
  ['master-link-down-time', linkDownMs],
  ['master-link-status', isLinkUp ? 'ok' : 'err'],
  ['master-host', primaryReported?.host ?? '?'],
  ['master-port', primaryReported?.port ?? 0],
  ['slave-priority', priority],
  ['slave-repl-offset', offset],
  ['replica-announced', isAnnounced ? 1 : 0],
]

const asSentinel = ({ helloMs, vote, voteEpoch }: Instance, nowMs: number): Fields => [
  ['last-hello-message', nowMs - helloMs],
  ['voted-leader', vote ?? '?'],
  ['voted-leader-epoch', voteEpoch],
]
