/**
 * How a server keeps its data on its disk, as lines of its redis.conf.
 *
 * Source: https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/
 */

/** What a server has after its machine lost power: nothing, its last snapshot, all but the last second, all. */
export const PERSISTENCE = ['none', 'rdb', 'aof-everysec', 'aof-always'] as const
export type PersistenceKind = (typeof PERSISTENCE)[number]

/** What the end of a server leaves: `written`, if its process ended; `synced`, if its machine lost its power. */
export type Ending = 'written' | 'synced'

/** How a server keeps its data. */
export interface Persistence {
  readonly kind: PersistenceKind
  /** `save` of redis.conf, with `rdb`: `60 1`. */
  readonly save?: string
}

/** What `save` may be here. */
export const SAVE_PATTERN = /^[1-9]\d{0,5} \d{1,6}(?: [1-9]\d{0,5} \d{1,6})*$/

/** Without `save` it writes a snapshot when it is told to (SAVE, BGSAVE), and as redis-server does unless it is told otherwise. */
const USUAL_SAVE = '3600 1 300 100 60 10000'

/** Lines of its redis.conf. */
export const persistenceSettings = ({ kind, save = USUAL_SAVE }: Persistence): [string, string][] => [
  ['save', kind === 'rdb' ? save : ''],
  ['appendonly', kind === 'rdb' || kind === 'none' ? 'no' : 'yes'],
  ['appendfsync', kind === 'aof-always' ? 'always' : 'everysec'],
]

/** Whether an end of the server can lose what it answered. */
export function canLose(kind: PersistenceKind, ending: Ending): boolean {
  return kind === 'aof-everysec' ? ending === 'synced' : kind !== 'aof-always'
}
