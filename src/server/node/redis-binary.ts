/**
 * The `redis-server` or `valkey-server` program of this machine.
 */
import { spawnSync } from 'node:child_process'
import { UsageError } from '../../sim/usage-error.ts'
import { findOnPath } from './preload.ts'

export interface RedisBinary {
  readonly path: string
  /** 'redis-server' or 'valkey-server'. */
  readonly name: string
  /** As in `7.0.15`. */
  readonly version: string
}

/** Finds the program: `explicit` if given, else the PATH. Throws a UsageError when there is none. */
export function findRedisBinary(explicit?: string): RedisBinary {
  const path = findOnPath(explicit === undefined ? ['redis-server', 'valkey-server'] : [explicit])
  if (path === null) {
    throw new UsageError(
      explicit === undefined ? '--redis server' : `--redis server (${explicit})`,
      explicit === undefined
        ? 'expected redis-server or valkey-server on the PATH, found neither'
        : 'expected a program that can be run, found none there',
      'install Redis (apt-get install redis-server, brew install redis), or use --redis memory',
    )
  }
  const { stdout, error } = spawnSync(path, ['--version'], { encoding: 'utf8' })
  // "Redis server v=7.0.15 sha=…", "Valkey server v=8.0.1 …"
  const match = /^(\w+) server v=(\S+)/.exec(stdout ?? '')
  if (match === null) {
    throw new UsageError(
      '--redis server',
      `expected ${path} --version to say "Redis server v=…", got ${JSON.stringify(error?.message ?? stdout.slice(0, 80))}`,
      'give the path of redis-server or valkey-server',
    )
  }
  return { path, name: `${match[1]!.toLowerCase()}-server`, version: match[2]! }
}
