/**
 * The versions of Redis and Valkey whose newer commands this server can have. Everything else stays as in Redis 7.0.15.
 *
 * Source: https://redis.io/docs/latest/commands/, https://valkey.io/commands/ ("available since")
 */

/** What is newer than Redis 7.0. */
export type Feature =
  /** HEXPIRE and its relatives, HTTL, HPERSIST. */
  | 'hash-field-expiry'
  /** HGETEX, HSETEX. */
  | 'hash-field-options'
  | 'hgetdel'
  /** SET with IFEQ. */
  | 'set-if-equal'
  /** SET with IFNE, IFDEQ, IFDNE; DELEX, DIGEST, MSETEX. */
  | 'digests'
  | 'delifeq'
  | 'waitaof'
  /** HSCAN with NOVALUES. */
  | 'hash-names'

/** Whose server it is. */
export type ServerName = 'redis' | 'valkey'

interface Version {
  readonly server: ServerName
  /** As HELLO and INFO print it. */
  readonly number: string
  readonly features: ReadonlySet<Feature>
}

const redis = (number: string, features: readonly Feature[]): Version => ({
  server: 'redis',
  number,
  features: new Set(features),
})
const valkey = (number: string, features: readonly Feature[]): Version => ({
  server: 'valkey',
  number,
  features: new Set(features),
})

const FIELDS: readonly Feature[] = ['waitaof', 'hash-names', 'hash-field-expiry', 'hash-field-options']

export const VERSIONS = {
  '7.0': redis('7.0.15', []),
  '7.4': redis('7.4.0', ['waitaof', 'hash-names', 'hash-field-expiry']),
  '8.0': redis('8.0.0', [...FIELDS, 'hgetdel']),
  '8.4': redis('8.4.0', [...FIELDS, 'hgetdel', 'set-if-equal', 'digests']),
  'valkey-8.1': valkey('8.1.0', ['waitaof', 'hash-names', 'set-if-equal']),
  'valkey-9.0': valkey('9.0.0', [...FIELDS, 'set-if-equal', 'delifeq']),
} as const

export type RedisVersion = keyof typeof VERSIONS

/** What any of them has. */
export const EVERY_FEATURE: ReadonlySet<Feature> = new Set(
  Object.values(VERSIONS).flatMap(({ features }): readonly Feature[] => [...features]),
)

export const REDIS_VERSIONS = Object.keys(VERSIONS) as readonly RedisVersion[]

/** The version that is meant by `8.4`, `valkey-9.0`, and by `8` for `8.0`; YAML reads 8.0 as the number 8. Null: none of ours. */
export function readRedisVersion(raw: unknown): RedisVersion | null {
  const text = String(raw).trim()
  return REDIS_VERSIONS.find((version) => version === text || version === `${text}.0`) ?? null
}

/** `Redis 8.4.0` */
export const versionText = (version: RedisVersion): string => {
  const { server, number } = VERSIONS[version]
  return `${server === 'redis' ? 'Redis' : 'Valkey'} ${number}`
}

/** Whether a server that says so of itself is of this version: of 8.4 any release. */
export function isOfVersion(version: RedisVersion, server: ServerName, number: string): boolean {
  const minor = (text: string): string => text.split('.').slice(0, 2).join('.')
  return VERSIONS[version].server === server && minor(VERSIONS[version].number) === minor(number)
}

/** What Valkey says when it is asked for the version of Redis. */
export const REDIS_VERSION_OF_VALKEY = '7.2.4'
