/**
 * Where a report comes from: what every report says of the machine, the seed and the engine that made it.
 */
import { escapeMarkdown, markdownCode } from '../text/escape.ts'
import { SERVICE } from '../world/who-answers.ts'

/** The part that all reports have. */
export interface Origin {
  readonly seed: string
  /** What answered, in words. */
  readonly redis: string
  readonly client: string
  readonly engine: string
  readonly deterministic: boolean
}

/** What it was that answered. */
const nameOf = ({ redis }: Origin): string => (redis === SERVICE ? 'Service' : 'Redis')

/** As names and values. */
export const originFacts = (origin: Origin): readonly (readonly [name: string, value: string])[] => [
  ['Seed', origin.seed],
  [nameOf(origin), origin.redis],
  ['Client', origin.client],
  ['Engine', origin.engine],
  ['Deterministic', origin.deterministic ? 'yes' : 'no: times are paced by a real clock'],
]

/** As a line of Markdown. */
export const originLine = (origin: Origin): string =>
  [
    `seed ${markdownCode(origin.seed)}`,
    `${nameOf(origin)}: ${escapeMarkdown(origin.redis)}`,
    `client: ${escapeMarkdown(origin.client)}`,
    `engine ${escapeMarkdown(origin.engine)}`,
    origin.deterministic ? 'deterministic' : '**not deterministic: times are paced by a real clock**',
  ].join(' · ')
