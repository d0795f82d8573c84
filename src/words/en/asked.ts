/** What clients asked, in English: a Redis, or the service in its place. */
import type { Service } from '../../history/history.ts'

/** Within a sentence, and at its beginning. */
export const asked = (service: Service | undefined): string =>
  service === undefined ? 'Redis' : 'the coordination service'
export const askedFirst = (service: Service | undefined): string =>
  service === undefined ? 'Redis' : 'The coordination service'
