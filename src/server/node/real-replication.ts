/**
 * A real server's part in replication, as the world sees it: its role, and what an operator tells it.
 *
 * Redis looks after replicas and primary in every so many runs of its cron, and pings replicas in every tenth of those: it counts runs, not
 * time (`run_with_period`). So the clock never moves by more than one run without a run, and a server has so many behind it when the world
 * begins that it does all that when the in-memory Redis does it, too. The first runs are a second apart (`hz 1`), to be few.
 *
 *   cron  0 … 8, a second apart    9, 10 … 19, 100 ms apart        20
 *         |----------------------------------------------|  0  --- phase ---->  world time
 *         a replica connects                                       PING to replicas, ACK to the primary
 */
import type { Address } from '../../net/names.ts'
import type { Reply } from '../../redis/reply.ts'
import type { ServerReplication } from '../server.ts'
import { type Bridge, CRON_US } from './bridge.ts'
import { NOWHERE } from './peer-links.ts'
import type { ServerClock } from './server-clock.ts'

/** The first cron is due this long after the start. */
export const FIRST_CRON_US = 1000
/** Starts a server so that its first cron is due now. */
export function startJustBefore(clock: ServerClock, start: () => void): void {
  const { wallUs } = clock
  clock.set(wallUs - FIRST_CRON_US)
  start()
  clock.set(wallUs)
}

/** The runs that are a second apart; when the first of the others is due, before the phase. */
const SLOW_RUNS = 9
const SLOW_CRON_US = 1_000_000
const QUICK_RUNS_US = 11 * CRON_US
/** How long before the world a server starts, and how it is set then. */
export const LEAD_US = SLOW_RUNS * SLOW_CRON_US + QUICK_RUNS_US + FIRST_CRON_US
export const LEAD_SETTINGS = [['hz', '1']] as const

export interface RealReplicationOptions {
  readonly bridge: () => Bridge
  readonly clock: ServerClock
  /** When the world begins, wall clock, µs. */
  readonly nowUs: number
  /** Null: it is the primary. */
  readonly primary: Address | null
}

export class RealReplication implements ServerReplication {
  onPromoted: (() => void) | null = null
  onDemoted: (() => void) | null = null
  /** Whom it follows, and will follow when it starts again; null: it is a primary. */
  #primary: Address | null
  readonly #bridge: () => Bridge
  readonly #clock: ServerClock
  readonly #nowUs: number

  constructor({ bridge, clock, nowUs, primary }: RealReplicationOptions) {
    this.#bridge = bridge
    this.#clock = clock
    this.#nowUs = nowUs
    this.#primary = primary
  }

  get isPrimary(): boolean {
    return this.#primary === null
  }

  /** The line of its redis.conf that says whom it follows. */
  get settings(): readonly (readonly [string, string])[] {
    return this.#primary === null ? [] : [['replicaof', `${this.#primary.host} ${this.#primary.port}`]]
  }

  begin(phaseUs: number): number {
    const quickUs = phaseUs - QUICK_RUNS_US
    const run = (atUs: number): void => {
      this.#clock.set(this.#nowUs + atUs)
      this.#bridge().tick()
    }
    for (let atUs = quickUs - SLOW_RUNS * SLOW_CRON_US; atUs < quickUs; atUs += SLOW_CRON_US) run(atUs)
    this.#bridge().ask([['CONFIG', 'SET', 'hz', '10']])
    for (let atUs = quickUs; atUs <= 0; atUs += CRON_US) run(atUs)
    this.#clock.set(this.#nowUs)
    return phaseUs % CRON_US
  }

  cron(): number {
    const dueUs = this.#bridge().tick()
    this.look()
    return dueUs
  }

  restart(start: () => void): void {
    startJustBefore(this.#clock, start)
    this.#bridge().tick()
  }

  promote(): void {
    this.#tell([['REPLICAOF', 'NO', 'ONE']])
  }

  follow({ host, port }: Address): void {
    this.#tell([
      ['REPLICAOF', host, String(port)],
      ['CLIENT', 'KILL', 'TYPE', 'normal'],
      ['CLIENT', 'KILL', 'TYPE', 'pubsub'],
    ])
  }

  #tell(commands: readonly (readonly string[])[]): void {
    this.#bridge().ask(commands)
    this.#bridge().wake()
    this.look()
  }

  /** Whether it has another role than before. */
  look(): void {
    if (this.#bridge().isPaused) return
    const [role, host, port] = this.#bridge().ask([['ROLE']])[0] as readonly Reply[]
    if (host === NOWHERE) return
    const wasPrimary = this.isPrimary
    this.#primary = role === 'master' ? null : { host: String(host), port: Number(port) }
    if (wasPrimary === this.isPrimary) return
    if (wasPrimary) this.onDemoted?.()
    else this.onPromoted?.()
  }
}
