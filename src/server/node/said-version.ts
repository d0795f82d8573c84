/**
 * Which version a real server says it is, and whether that is the one that a plan asks for.
 */
import { isOfVersion, type RedisVersion, type ServerName } from '../../redis/version.ts'

/** Whose server it is, and its number. */
export interface SaidVersion {
  readonly server: ServerName
  readonly number: string
}

/** What INFO says; null: nothing. A Valkey also names the version of Redis that it is compatible with. */
export function versionIn(info: string): SaidVersion | null {
  for (const server of ['valkey', 'redis'] as const) {
    const number = new RegExp(`^${server}_version:(.*?)\\r?$`, 'm').exec(info)?.[1]
    if (number !== undefined) return { server, number }
  }
  return null
}

/** The `descriptionOf` of a provider whose servers are of one version. */
export const describedAs =
  (description: string, said: SaidVersion | null) =>
  (version: RedisVersion): string | null =>
    said !== null && isOfVersion(version, said.server, said.number) ? description : null
