/**
 * What the faults have in common that make a Redis node refuse commands for a while with an error of Redis's own.
 */
import * as z from 'zod'
import { type RefusingState, STATE_CODES } from '../server/trouble.ts'
import { formatUs } from '../sim/units.ts'
import type { Effect } from './effect.ts'
import { defineFault } from './fault.ts'
import type { Menu, MenuPlace } from './menu-place.ts'
import { durationUs, processName } from './settings.ts'

type Settings = { readonly process: string; readonly for: number }

/** One message is refused, and what is tried again is not. */
const BRIEF_US = 5_000

/** States in which not even a read is answered, nor what a driver asks when it has connected. */
const REFUSING_ALL: readonly RefusingState[] = ['loading', 'busy', 'no-auth']

/** What such a state does for a while. */
export const answersError = (process: string, state: RefusingState, forUs: number): Effect => ({
  kind: 'answers-error',
  process,
  code: STATE_CODES[state],
  commands: REFUSING_ALL.includes(state) ? 'all' : 'some',
  forUs,
})

/** A fault that begins this state and ends it when its time is up, or when the storm is over. */
export const refusing = (state: RefusingState, summary: string, menu?: Menu<Settings>) =>
  defineFault<Settings>({
    name: state,
    summary,
    example: `${state}: { process: redis-1, for: 500ms }`,
    schema: z.strictObject({ process: processName, for: durationUs }),
    size: 'for',
    roles: ['redis'],
    needs: 'a Redis',
    processes: (settings) => [settings.process],
    durationUs: (settings) => settings.for,
    trouble: () => state,
    strike(settings, context) {
      const node = context.process(settings.process)
      context.suffer(node, { kind: 'state', state, isOn: true })
      context.healAfter(settings.for, () => context.suffer(node, { kind: 'state', state, isOn: false }))
    },
    effects: (settings) => [answersError(settings.process, state, settings.for)],
    describe: {
      en: (settings) => `${settings.process} answers ${STATE_CODES[state]} for ${formatUs(settings.for)}`,
      zh: (settings) => `${settings.process} 在 ${formatUs(settings.for)} 里应答 ${STATE_CODES[state]}`,
    },
    ...(menu === undefined ? {} : { menu }),
  })

/** One refusal, and refusals for longer than the lease. Of several nodes a majority goes on, however long one refuses. */
export const brieflyOrLong = ({ process, nodes, overLeaseUs }: MenuPlace): readonly Settings[] =>
  (nodes.length === 1 ? [BRIEF_US, overLeaseUs] : [overLeaseUs]).map((us) => ({ process, for: us }))

/** Refusals for longer than the lease, by the only node: where one fault refuses a single command, another can refuse it as well. */
export const long = ({ process, nodes, overLeaseUs }: MenuPlace): readonly Settings[] =>
  nodes.length === 1 ? [{ process, for: overLeaseUs }] : []
