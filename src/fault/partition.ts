/**
 * A partition: machines of different groups do not hear each other; what they send arrives when the partition heals.
 * A machine that is in no group reaches everybody.
 */
import { z } from 'zod'
import { formatUs } from '../sim/units.ts'
import { defineFault, EVERY_ROLE } from './fault.ts'
import { durationUs, processList } from './settings.ts'

/** Every way from a machine of one group to one of another. */
const cutsBetween = (groups: readonly (readonly string[])[]): readonly (readonly [from: string, to: string])[] =>
  groups.flatMap((group, index) =>
    groups
      .filter((_, otherIndex) => otherIndex !== index)
      .flat()
      .flatMap((other) => group.map((member) => [member, other] as const)),
  )

export const partition = defineFault({
  name: 'partition',
  summary: 'separates groups of machines for a while',
  example: 'partition: { groups: [[A], [redis-1]], for: 5s }',
  schema: z.strictObject({ groups: z.array(processList).min(2), for: durationUs }),
  roles: EVERY_ROLE,
  processes: (settings) => settings.groups.flat(),
  durationUs: (settings) => settings.for,
  effects: (settings) => cutsBetween(settings.groups).map(([from, to]) => ({ kind: 'cuts', from, to })),
  magnitude: 'for',
  menu: ({ at, process, nodes, isSecond, overUs }) =>
    at === 'send' && !isSecond ? [{ groups: [[process], [...nodes]], for: overUs }] : [],
  random: ({ fc, clients, nodes, lastingUs }) =>
    fc
      .record({ group: fc.subarray([...clients], { minLength: 1 }), for: lastingUs })
      .map(({ group, for: us }) => ({ groups: [group, [...nodes]], for: us })),
  strike(settings, context) {
    const blocked = cutsBetween(settings.groups).map(([from, to]) => context.network.link(from, to))
    for (const link of blocked) link.block()
    context.healAfter(settings.for, () => {
      for (const link of blocked) link.unblock()
    })
  },
  describe: (settings) =>
    `partition ${settings.groups.map((group) => group.join(',')).join(' | ')} for ${formatUs(settings.for)}`,
})
