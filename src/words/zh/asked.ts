/** What clients asked, in Simplified Chinese: a Redis, or the service in its place. Latin letters are set apart by spaces. */
import type { Service } from '../../history/history.ts'

const SERVICE = '协调服务'

/** Within a sentence; at the beginning of one, or after a mark; before a mark. */
export const asked = (service: Service | undefined): string => (service === undefined ? ' Redis ' : SERVICE)
export const askedFirst = (service: Service | undefined): string => (service === undefined ? 'Redis ' : SERVICE)
export const askedLast = (service: Service | undefined): string => (service === undefined ? ' Redis' : SERVICE)
