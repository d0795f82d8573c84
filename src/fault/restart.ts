/**
 * A crash and a new start. A client begins its workload anew and knows nothing of its former life; a Redis node comes
 * back with or without its data (`keep-data`: every write was on disk). Until it is back its machine refuses connections, and
 * while it reads its data (`loading`) it answers LOADING.
 */
import { z } from 'zod'
import { formatUs } from '../sim/units.ts'
import { forgotten } from './effect.ts'
import { defineFault, EVERY_ROLE } from './fault.ts'
import type { MenuPlace } from './menu-place.ts'
import { answersError } from './refusing.ts'
import { durationUs, processName } from './settings.ts'

/** A node that is started again at once. */
const DOWN_US = 5_000

const isNode = (process: string): boolean => process.startsWith('redis-')

export const restart = defineFault({
  name: 'restart',
  summary: 'ends a process and starts it again',
  example: 'restart: { process: redis-1, after: 100ms, keep-data: false }',
  schema: z
    .strictObject({
      process: processName,
      after: durationUs,
      'keep-data': z.boolean().default(false),
      loading: durationUs.optional(),
    })
    .refine(({ process, loading }) => loading === undefined || isNode(process), {
      error: 'expected loading only where a Redis node restarts',
    }),
  size: 'after',
  roles: EVERY_ROLE,
  processes: (settings) => [settings.process],
  durationUs: ({ after, loading = 0 }) => after + loading,
  trouble: ({ loading }) => (loading === undefined ? null : 'loading'),
  strike({ process: name, after, 'keep-data': keepData, loading }, context) {
    const process = context.process(name)
    const setLoading = (isOn: boolean): void => context.suffer(process, { kind: 'state', state: 'loading', isOn })
    process.crash()
    context.healAfter(after, () => {
      context.restart(process, { keepData })
      if (loading !== undefined) setLoading(true)
    })
    if (loading !== undefined) context.healAfter(after + loading, () => setLoading(false))
  },
  effects: ({ process, after, 'keep-data': keepsData, loading }) => [
    { kind: 'ends', process, forUs: after, isSilent: false },
    ...(loading === undefined ? [] : [answersError(process, 'loading', after + loading)]),
    ...forgotten(process, keepsData),
  ],
  describe: ({ process, after, 'keep-data': keepsData, loading }) => {
    const reads = loading === undefined ? '' : `, which it reads for ${formatUs(loading)}`
    return `${process} restarts after ${formatUs(after)}${keepsData ? ' with its data' : ''}${reads}`
  },
  menu: { nodeAtSend: (place) => (place.isSecond ? restarts(place) : [...restarts(place), ...slowRestarts(place)]) },
  random: ({ client, node, lastingUs, keepsData, record, oneOf, constant }) =>
    oneOf(
      record({ process: client, after: lastingUs, 'keep-data': constant(false) }),
      record({ process: node, after: lastingUs, 'keep-data': keepsData }),
    ),
})

const restarts = ({ process }: MenuPlace) =>
  [false, true].map((keep) => ({ process, after: DOWN_US, 'keep-data': keep }))

/** Connections are refused for longer than the lease; or accepted, and commands are refused. Of several nodes the others go on. */
const slowRestarts = ({ process, nodes, overLeaseUs }: MenuPlace) => [
  { process, after: overLeaseUs, 'keep-data': true },
  ...(nodes.length === 1 ? [{ process, after: DOWN_US, 'keep-data': true, loading: overLeaseUs }] : []),
]
