/**
 * A partition: machines of different groups do not hear each other; what they send arrives when the partition heals.
 * A machine that is in no group reaches all others.
 */
import * as z from 'zod'
import type { Link } from '../net/link.ts'
import { formatUs } from '../sim/units.ts'
import { defineFault, EVERY_ROLE } from './fault.ts'
import { durationUs, processList } from './settings.ts'

export const partition = defineFault({
  name: 'partition',
  summary: 'separates groups of machines for a while',
  example: 'partition: { groups: [[A], [redis-1]], for: 5s }',
  schema: z.strictObject({ groups: z.array(processList).min(2), for: durationUs }),
  size: 'for',
  roles: EVERY_ROLE,
  processes: (settings) => settings.groups.flat(),
  durationUs: (settings) => settings.for,
  strike(settings, context) {
    const blocked: Link[] = []
    for (const [index, group] of settings.groups.entries()) {
      for (const other of settings.groups.filter((_, otherIndex) => otherIndex !== index).flat()) {
        for (const member of group) blocked.push(context.network.link(member, other))
      }
    }
    for (const link of blocked) link.block()
    context.healAfter(settings.for, () => {
      for (const link of blocked) link.unblock()
    })
  },
  effects: (settings) =>
    settings.groups.map((from) => ({
      kind: 'cuts',
      from,
      to: settings.groups.filter((group) => group !== from).flat(),
      forUs: settings.for,
    })),
  describe: {
    en: (settings) =>
      `partition ${settings.groups.map((group) => group.join(',')).join(' | ')} for ${formatUs(settings.for)}`,
    zh: (settings) =>
      `网络分区 ${settings.groups.map((group) => group.join(',')).join(' | ')}，持续 ${formatUs(settings.for)}`,
  },
  menu: {
    clientAtSend: ({ process, nodes, overLeaseUs, isSecond }) =>
      isSecond ? [] : [{ groups: [[process], [...nodes]], for: overLeaseUs }],
    // A primary that its clients reach, and that Sentinels take for dead.
    nodeAtSend: ({ process, replicas, sentinels, clusterPeers, promotedUs, isSecond }) =>
      promotedUs === 0 || isSecond
        ? []
        : [{ groups: [[process], [...replicas, ...sentinels, ...clusterPeers]], for: promotedUs }],
  },
  random: ({ someClients, nodes, lastingUs, record }) =>
    record({ groups: someClients.map((group) => [group, [...nodes]]), for: lastingUs }),
})
