/** Every fault of a small menu at every place of a list, one at a time: what reference code must survive. */
import type { PlannedFault } from '../../src/fault/fault.ts'
import { fault } from './worlds.ts'

/** Faults that befall one client. */
const ON_CLIENT: readonly (readonly [string, Record<string, unknown>])[] = [
  ['pause', { for: '300ms' }],
  ['pause', { for: '1001ms' }],
  ['pause', { for: '3s' }],
  ['crash', {}],
  ['restart', { after: '100ms' }],
  ['lose-reply', {}],
  ['reset', {}],
  ['delay-reply', { for: '1500ms' }],
  ['delay-request', { for: '1500ms' }],
  ['slow-work', { by: '2500ms' }],
  ['clock-step', { by: '-10s' }],
  ['clock-step', { by: '+10s' }],
]

/** The storms, each with a name. */
export function singleStorms(
  client: string,
  places: readonly string[],
): readonly (readonly [string, readonly PlannedFault[]])[] {
  return places.flatMap((place) => [
    ...ON_CLIENT.map(
      ([kind, settings]) =>
        [
          `${kind} ${JSON.stringify(settings)} at ${place}`,
          [fault(kind, { process: client, ...settings }, place)],
        ] as const,
    ),
    [`partition at ${place}`, [fault('partition', { groups: [[client], ['redis-1']], for: '2s' }, place)]] as const,
    [`Redis clock +5s at ${place}`, [fault('clock-step', { process: 'redis-1', by: '+5s' }, place)]] as const,
    [
      `Redis restart at ${place}`,
      [fault('restart', { process: 'redis-1', after: '50ms', 'keep-data': true }, place)],
    ] as const,
  ])
}
