/**
 * What a report says of the servers of a plan: name and version of what answers.
 */
import { type RedisVersion, versionText } from '../redis/version.ts'
import type { Replicating, ServerProvider } from '../server/server.ts'
import { UsageError } from '../sim/usage-error.ts'
import { hasRedis, replicatingOf, type Topology } from './topology.ts'

/** What answers where no Redis does. */
export const SERVICE = 'in-memory coordination service'

type Describes = Pick<ServerProvider, 'description' | 'descriptionOf'>

/** What a kind of Redis lacks, in words. */
const LACKED: Readonly<Record<Replicating, string>> = {
  replicas: 'does not replicate here',
  sentinels: 'has no Sentinels here',
  cluster: 'has no Cluster here',
}

/** Why its nodes cannot be what a topology has them be to each other; null: they can. */
export function whyApart(
  { description, replicates = [] }: Pick<ServerProvider, 'description' | 'replicates'>,
  topology: Topology,
): string | null {
  const kind = replicatingOf(topology)
  if (kind === null || replicates.includes(kind)) return null
  return `${description} ${LACKED[kind === 'sentinels' && replicates.length === 0 ? 'replicas' : kind]}`
}

/** What a plan says of them. */
interface Asked {
  readonly topology: Topology
  readonly redisVersion?: RedisVersion | undefined
}

/** Why these servers are not what a plan asks for; null: they are. */
export function isNotAsked(
  { description, descriptionOf }: Describes,
  { redisVersion, topology }: Asked,
): string | null {
  if (redisVersion === undefined) return null
  if (!hasRedis(topology)) return 'a coordination service has no version of Redis'
  return (descriptionOf?.(redisVersion) ?? null) === null ? `${description} is not ${versionText(redisVersion)}` : null
}

/**
 * Name and version of what answers.
 * @throws UsageError when that is not what the plan asks for
 */
export function whoAnswers(provider: Describes, asked: Asked): string {
  const why = isNotAsked(provider, asked)
  if (why !== null) throw new UsageError('redis-version', why, 'leave it out, or use --redis memory')
  const { redisVersion, topology } = asked
  if (!hasRedis(topology)) return SERVICE
  return (redisVersion === undefined ? null : provider.descriptionOf?.(redisVersion)) ?? provider.description
}
