/**
 * Six real redis-servers as a cluster, begun from configuration files that are written here: no time is lost in which they meet.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { KnownNode } from '../../../src/redis/cluster/cluster.ts'
import { clusterPlan } from '../../../src/redis/cluster/plan.ts'
import { RealRedis } from '../real-redis.ts'

const PRIMARIES = 3
const NODES = 6

/** Ports that are free, and so are those of the bus above them. */
async function freePorts(count: number): Promise<readonly number[]> {
  const open = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer()
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      return server
    }),
  )
  const ports = open.map((server) => (server.address() as { readonly port: number }).port)
  await Promise.all(open.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

const line = (node: KnownNode, myself: KnownNode): string => {
  const flags = `${node === myself ? 'myself,' : ''}${node.primary === null ? 'master' : 'slave'}`
  const slots = node.slots.map(([first, last]) => ` ${first}-${last}`).join('')
  const address = `${node.host}:${node.port}@${node.busPort}`
  return `${node.id} ${address} ${flags} ${node.primary ?? '-'} 0 0 ${node.configEpoch} connected${slots}`
}

export class RealCluster {
  readonly nodes: readonly RealRedis[]
  readonly #folder: string

  private constructor(nodes: readonly RealRedis[], folder: string) {
    this.nodes = nodes
    this.#folder = folder
  }

  /** `seed`: of the names, as in `clusterPlan`. */
  static async start(seed: string): Promise<RealCluster> {
    const folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-cluster-'))
    const ports = await freePorts(2 * NODES)
    const addresses = Array.from({ length: NODES }, (_, index) => ({
      ...{ host: '127.0.0.1', port: ports[index]!, busPort: ports[NODES + index]! },
    }))
    const plan = clusterPlan(addresses, PRIMARIES, seed)
    const nodes = await Promise.all(
      plan.map(({ nodes: known }, index) => {
        const file = `nodes-${index}.conf`
        const lines = known.map((node) => line(node, known[0]!))
        writeFileSync(path.join(folder, file), `${lines.join('\n')}\nvars currentEpoch 3 lastVoteEpoch 0\n`)
        return RealRedis.start(
          [
            ...['--cluster-port', String(ports[NODES + index])],
            ...['--cluster-enabled', 'yes', '--cluster-config-file', file, '--cluster-node-timeout', '1000'],
            ...['--dir', folder, '--dbfilename', `${index}.rdb`, '--repl-ping-replica-period', '1', '--hz', '100'],
          ],
          ports[index],
        )
      }),
    )
    return new RealCluster(nodes, folder)
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()))
    rmSync(this.#folder, { recursive: true })
  }
}
