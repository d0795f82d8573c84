/**
 * What the faults have in common that make a Redis node refuse commands for a while with an error of Redis's own.
 */
import { z } from 'zod'
import { type RefusingState, STATE_CODES } from '../server/trouble.ts'
import { formatUs } from '../sim/units.ts'
import { defineFault } from './fault.ts'
import { durationUs, processName } from './settings.ts'

/** A fault that begins this state and ends it when its time is up, or when the storm is over. */
export const refusing = (state: RefusingState, summary: string) =>
  defineFault({
    name: state,
    summary,
    example: `${state}: { process: redis-1, for: 500ms }`,
    schema: z.strictObject({ process: processName, for: durationUs }),
    size: 'for',
    roles: ['redis'],
    processes: (settings) => [settings.process],
    durationUs: (settings) => settings.for,
    strike(settings, context) {
      const node = context.process(settings.process)
      context.suffer(node, { kind: 'state', state, isOn: true })
      context.healAfter(settings.for, () => context.suffer(node, { kind: 'state', state, isOn: false }))
    },
    effects: (settings) => [
      { kind: 'answers-error', process: settings.process, code: STATE_CODES[state], forUs: settings.for },
    ],
    describe: (settings) => `${settings.process} answers ${STATE_CODES[state]} for ${formatUs(settings.for)}`,
  })
