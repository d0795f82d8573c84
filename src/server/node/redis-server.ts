/**
 * `--redis server`: real `redis-server` or `valkey-server` processes as nodes of the world, under virtual time.
 *
 * Models          everything that the server itself does, at the world's time: expiry, blocked calls, TIME, crash and
 *                 restart; replicas, Sentinels and nodes of a Cluster, which reach others through the network of the world (`peer-links.ts`). The same plan
 *                 gives the same history: clocks, hash seed and random numbers are the world's.
 * Does not model  the numbers that a process counts for life: CLIENT ID goes on when it serves another world. A script
 *                 that never ends is killed with its server (its time limit needs a clock that runs). Whoever looks
 *                 at the server itself (MONITOR, INFO, CLIENT LIST) sees the bridge's own commands and connection.
 *
 * Without a virtual clock (no C compiler, not Linux, a server that reads the processor's clock) time is paced and the
 * provider says so.
 */
import type { ServerProvider } from '../server.ts'
import { HangGuard } from './hang-guard.ts'
import { LocalLauncher } from './launcher.ts'
import { buildPreload } from './preload.ts'
import { findRedisBinary } from './redis-binary.ts'
import { RedisPool } from './redis-pool.ts'
import { RunFolder } from './run-folder.ts'
import { describedAs } from './said-version.ts'
import { LACKED_BY_SERVERS } from './server-troubles.ts'

/** How long a server may take for one answer, in real time. */
export const ANSWER_LIMIT_MS = 10_000
/** What a warning about a missing virtual clock ends with. */
export const PACED = 'time is paced and a run cannot be replayed exactly'

/** The first version of which a primary that starts again goes on with the stream that its snapshot names. */
const SECOND_ID_IN_SNAPSHOTS = 7

export interface RedisServerProviderOptions {
  /** The program; default: `redis-server` or `valkey-server` on the PATH. */
  readonly binary?: string
  /** How many processes to start at once; more are started when a world needs them. */
  readonly count?: number
  /** False: the real clock, paced. Default: virtual where possible. */
  readonly virtualTime?: boolean
  /** A server that does not answer for so long, in real time, is killed. */
  readonly answerLimitMs?: number
}

/** A provider that can say why it is not deterministic. */
export interface RealServerProvider extends ServerProvider {
  /** One line when something could not be had; null when all is well. */
  readonly warning: string | null
}

/** Starts the first processes and finds out whether their time can be virtual. */
export async function createRedisServerProvider(options: RedisServerProviderOptions = {}): Promise<RealServerProvider> {
  const binary = findRedisBinary(options.binary)
  const folder = new RunFolder()
  const guard = new HangGuard(options.answerLimitMs ?? ANSWER_LIMIT_MS)
  const library = options.virtualTime === false ? { missing: 'virtual time was turned off' } : buildPreload(folder.path)
  const start = (preload: string | null): RedisPool =>
    new RedisPool(new LocalLauncher(binary.path, preload, folder, guard), folder.path, guard)
  let pool = start('path' in library ? library.path : null)
  const close = async (): Promise<void> => {
    pool.close()
    await guard.close()
    await folder.close()
  }
  try {
    let missing = 'path' in library ? pool.facts().whyNotVirtual : library.missing
    if ('path' in library && missing !== null) {
      pool.close()
      pool = start(null)
    }
    pool.prepare(options.count ?? 1)
    missing = missing === null ? null : `${missing}; ${PACED}`
    const description = `${binary.name} ${binary.version}${missing === null ? ', virtual time' : ', paced'}`
    const server = binary.name === 'valkey-server' ? 'valkey' : 'redis'
    return {
      kind: 'server',
      description,
      descriptionOf: describedAs(description, { server, number: binary.version }),
      deterministic: missing === null,
      lacks: missing === null ? LACKED_BY_SERVERS : [...LACKED_BY_SERVERS, 'misconf'],
      // REPLICAOF is no command of its operator.
      lacksInCluster: ['read-only'],
      warning: missing,
      replicates:
        missing === null && Number.parseInt(binary.version, 10) >= SECOND_ID_IN_SNAPSHOTS
          ? ['replicas', 'sentinels', 'cluster']
          : [],
      sentinel: (options) => pool.watch(options),
      node: (name, { seed, nowUs, replication }) =>
        replication === undefined ? pool.take(name, seed, nowUs) : pool.join(name, seed, nowUs, replication),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}
