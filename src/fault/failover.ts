/**
 * A failover: the primary ends, and after a while a replica is promoted. The name by which clients know the primary leads to it from then
 * on, the other replicas follow it, and the former primary does when it is started again.
 *
 * Replication is asynchronous: with `unreplicated` nothing gets from the primary to its replicas in the last stretch of its life, so what
 * it acknowledges then is lost.
 *
 * Does not model  who decides this, and how it is found out that the primary has ended.
 *
 * Source: https://redis.io/docs/latest/operate/oss_and_stack/management/replication/
 */
import * as z from 'zod'
import { formatUs } from '../sim/units.ts'
import { defineFault } from './fault.ts'
import { durationOrZeroUs, durationUs, processName } from './settings.ts'

const DETECTED_US = 50_000
const UNREPLICATED_US = 20_000

export const failover = defineFault({
  name: 'failover',
  summary: 'ends the primary and promotes a replica, which may lack what was acknowledged last',
  example: 'failover: { process: redis-1, to: redis-2, after: 100ms }',
  schema: z.strictObject({
    process: processName,
    to: processName,
    after: durationUs,
    unreplicated: durationOrZeroUs.prefault('0s'),
  }),
  size: 'after',
  roles: ['redis'],
  needs: 'an operator',
  processes: (settings) => [settings.process, settings.to],
  durationUs: (settings) => settings.unreplicated + settings.after,
  strike(settings, context) {
    const { world, network } = context
    const primary = context.process(settings.process)
    const others = settings.unreplicated === 0 ? [] : context.servers.filter((name) => name !== settings.process)
    const links = others.map((name) => network.link(settings.process, name))
    for (const link of links) link.block()
    let stage: 'alive' | 'ended' | 'replaced' = 'alive'
    const replace = (): void => {
      if (stage !== 'ended') return
      stage = 'replaced'
      for (const link of links) link.unblock()
      context.promote(context.process(settings.to))
    }
    world.schedule(world.nowUs + settings.unreplicated, null, 'timer', () => {
      if (stage !== 'alive') return
      stage = 'ended'
      primary.crash()
      world.schedule(world.nowUs + settings.after, null, 'timer', replace)
    })
    context.healAtEnd(() => {
      if (stage === 'alive') {
        stage = 'replaced'
        for (const link of links) link.unblock()
      } else replace()
    })
  },
  effects: ({ process, to, after, unreplicated }) => [
    { kind: 'ends', process, forUs: null, isSilent: false },
    { kind: 'promotes', process: to, afterUs: unreplicated + after, forUs: 0 },
    ...(unreplicated === 0 ? [] : [{ kind: 'cuts', from: [process], to: [to], forUs: unreplicated + after } as const]),
  ],
  describe: {
    en: ({ process, to, after, unreplicated }) =>
      `${process} fails over to ${to} within ${formatUs(after)}${unreplicated === 0 ? '' : `, without the last ${formatUs(unreplicated)}`}`,
    zh: ({ process, to, after, unreplicated }) =>
      `${process} 在 ${formatUs(after)} 内主从切换到 ${to}${unreplicated === 0 ? '' : `，缺少最后 ${formatUs(unreplicated)} 的写入`}`,
  },
  menu: {
    nodeAtSend: ({ process, replicas: [to], isSecond }) =>
      to === undefined || isSecond
        ? []
        : [0, UNREPLICATED_US].map((us) => ({ process, to, after: DETECTED_US, unreplicated: us })),
  },
  random: ({ promotions, lastingUs, record, constant, among }) =>
    among(promotions).chain(({ primary, replica }) =>
      record({
        process: constant(primary),
        to: constant(replica),
        after: lastingUs,
        unreplicated: among([0, UNREPLICATED_US]),
      }),
    ),
})
