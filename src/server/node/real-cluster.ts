/**
 * One real server as a node of a Redis Cluster: its bus leads through the network of the world (`peer-links.ts`), it begins with the same
 * file of nodes as one in memory, and its role is what it says of itself.
 *
 * A primary that has just started serves no keys for two seconds, counted from when it first looks whether it may. It is made to look that
 * long before the world begins, by a command that changes nothing; its cron, which connects it to the others, runs in the world for the
 * first time.
 *
 * Source: cluster.c (`clusterLoadConfig`, `clusterUpdateState`) of Redis 7.0
 */
import type { BusHandler, BusSocket } from '../../redis/cluster/bus.ts'
import type { KnownNode } from '../../redis/cluster/cluster.ts'
import { isError, type Reply } from '../../redis/reply.ts'
import type { FailoverMode, ServerCluster, ServerReplication } from '../server.ts'
import { type Bridge, CRON_US } from './bridge.ts'
import { startJustBefore } from './real-replication.ts'
import type { ServerClock } from './server-clock.ts'

/** How long before the world a node starts. */
export const CLUSTER_LEAD_US = 3_000_000

export interface RealClusterOptions {
  readonly bridge: () => Bridge
  readonly clock: ServerClock
  readonly isPrimary: boolean
}

export class RealCluster implements ServerReplication, ServerCluster {
  onPromoted: (() => void) | null = null
  onDemoted: (() => void) | null = null
  isPrimary: boolean
  readonly settings = []
  readonly #bridge: () => Bridge
  readonly #clock: ServerClock

  constructor({ bridge, clock, isPrimary }: RealClusterOptions) {
    this.#bridge = bridge
    this.#clock = clock
    this.isPrimary = isPrimary
  }

  /** It has been running for long. */
  settle(): void {
    this.#bridge().ask([['CLUSTER', 'SETSLOT', '0', 'STABLE']])
  }

  begin(): null {
    return null
  }

  cron(): number {
    this.#bridge().tick()
    this.look()
    return CRON_US
  }

  accept(socket: BusSocket<unknown>): BusHandler<unknown> {
    return this.#bridge().accept(socket)
  }

  failOver(how: FailoverMode): boolean {
    const reply = this.ask(['CLUSTER', 'FAILOVER', ...WORDS[how]])
    return reply !== undefined && !isError(reply)
  }

  ask(args: readonly string[]): Reply | undefined {
    const reply = this.#bridge().command(args)
    this.look()
    return reply
  }

  promote(): void {
    throw new Error('no operator promotes a node of a cluster by REPLICAOF')
  }

  follow(): void {
    throw new Error('no operator tells a node of a cluster whom to follow')
  }

  restart(start: () => void): void {
    startJustBefore(this.#clock, start)
    this.#bridge().tick()
  }

  /** It has said what it is to others. */
  hear(isPrimary: boolean): void {
    if (isPrimary !== this.isPrimary) this.look()
  }

  /** Whether it has another role than before. */
  look(): void {
    if (this.#bridge().isPaused) return
    const [myself] = this.#bridge().ask([['ROLE']]) as readonly (readonly Reply[])[]
    const isPrimary = myself?.[0] === 'master'
    if (isPrimary === this.isPrimary) return
    this.isPrimary = isPrimary
    if (isPrimary) this.onPromoted?.()
    else this.onDemoted?.()
  }
}

const WORDS: Readonly<Record<FailoverMode, readonly string[]>> = {
  agreed: [],
  forced: ['FORCE'],
  takeover: ['TAKEOVER'],
}

/** What its redis.conf says of where the others find it. */
export function clusterSettings([me]: readonly KnownNode[]): readonly (readonly [string, string])[] {
  const { host, port, busPort } = me as KnownNode
  return [
    ['bind', '127.0.0.1'],
    ['cluster-port', String(busPort)],
    ['cluster-announce-ip', host],
    ['cluster-announce-port', String(port)],
    ['cluster-announce-bus-port', String(busPort)],
  ]
}

/** The file in which a node keeps what it knows of the others, itself first. */
export function nodesFile(nodes: readonly KnownNode[]): string {
  const lines = nodes.map(({ id, host, port, busPort, primary, slots, configEpoch }, index) => {
    const role = primary === null ? 'master' : 'slave'
    const flags = index === 0 ? `myself,${role}` : role
    const ranges = slots.map(([first, last]) => ` ${first}-${last}`).join('')
    return `${id} ${host}:${port}@${busPort} ${flags} ${primary ?? '-'} 0 1 ${configEpoch} connected${ranges}\n`
  })
  const epoch = Math.max(...nodes.map(({ configEpoch }) => configEpoch))
  return `${lines.join('')}vars currentEpoch ${epoch} lastVoteEpoch 0\n`
}
