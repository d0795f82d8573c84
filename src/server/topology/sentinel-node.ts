/**
 * A Sentinel as a process of the world: it listens for clients and other Sentinels, looks again and again, and puts on record where it
 * sends clients when that has changed.
 */
import type { Address } from '../../net/names.ts'
import type { Network } from '../../net/network.ts'
import type { MonitorOptions } from '../../redis/sentinel/monitored-primary.ts'
import { EPOCH_US } from '../../sim/clock.ts'
import type { SimProcess } from '../../sim/process.ts'
import { RedisNode } from '../redis-node.ts'
import type { SentinelRedisServer, ServerProvider } from '../server.ts'
import { dialFrom } from './dial.ts'
import { SentinelServer } from './sentinel-server.ts'

/** After a start it looks again within this time. */
const FIRST_US_MAX = 100_000

export class SentinelNode {
  readonly node: RedisNode
  readonly #server: SentinelRedisServer

  /** `monitor`: what it looks after, and whom it knows. */
  constructor(
    process: SimProcess,
    network: Network,
    address: Address,
    monitor: (name: string) => MonitorOptions,
    seed: string,
    provider: Pick<ServerProvider, 'sentinel'>,
  ) {
    const { world, name } = process
    let made: RedisNode | null = null
    const make = provider.sentinel ?? ((options) => new SentinelServer(options))
    this.#server = make({
      ...{ name, nowUs: EPOCH_US, seed: `${seed}/${name}`, address },
      dial: dialFrom(process, network, (task, by) => made?.act(task, by)),
      primary: monitor(name),
      onEvent: (channel, text) => {
        // name, host and port before, host and port now
        if (channel === '+switch-master') world.record(process, 'note', 'switch-master', text.split(' ')[3] ?? '')
      },
    })
    made = new RedisNode(process, network, this.#server, address.port)
    this.node = made
  }

  /** It has been running for long: it knows everybody, and its first look connects it. */
  begin(): void {
    this.node.act(() => this.#server.look(), 'time')
    const firstUs = this.node.process.random.below(FIRST_US_MAX)
    this.node.beginChore(firstUs, () => this.#server.look())
  }

  /** SENTINEL FAILOVER. */
  failOver(name: string): void {
    this.node.act(() => this.#server.failOver(name), 'operator')
  }
}
