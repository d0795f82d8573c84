/** What a world needs from its host: who answers, how clients connect, and how its loop is run. */
import type { Driver } from '../client/driver.ts'
import type { ClientKind } from '../client/kind.ts'
import type { ServerProvider } from '../server/server.ts'
import type { SimProcess } from '../sim/process.ts'
import type { Limits, World } from '../sim/world.ts'
import type { Subject } from '../subject/subject.ts'
import type { LoadModule } from '../workload/client.ts'
import type { Workload } from '../workload/workload.ts'
import type { JudgedWorld } from './judged-world.ts'
import type { Plan } from './plan.ts'
import type { StormWatch } from './storm.ts'
import type { SeenMessage } from './story.ts'

/** Runs a world where the host has no synchronous drain. */
export type AwaitingLoop = (world: World) => Promise<void>

export interface Environment<Loop = (world: World) => unknown> {
  readonly provider: ServerProvider
  /** Opens connections for subjects that do not say which client they need. */
  readonly driver: Driver
  /** The driver that a subject asks for by name; where it is missing there is only the one above. */
  readonly driverFor?: (client: ClientKind) => Driver
  /** Makes the `load` of one life of one client: its own copies of packages. */
  readonly loadOf?: (process: SimProcess) => LoadModule
  /** Runs the world to its end, synchronously. True: something in it has left the world; the next run says what. */
  readonly loop: Loop
  /** Who has judged worlds ready, for hosts that cannot run one at once; missing: each is run when it is asked for. */
  readonly judge?: (plan: Plan, subject: Subject, environment: Environment) => JudgedWorld
  /** The next world is listened to: a request to the real host ends it, where it might look as if the code waited for ever. */
  readonly listen?: () => void
  /** The line of the user's that is running, or led here: `lib/lock.ts:12`; null: there is none on the stack. */
  readonly site?: () => string | null
  /** Which Redis node answers to the name of another host; default: the first, to all. */
  readonly hosts?: Readonly<Record<string, string>>
  readonly limits?: Limits
  /** The workloads that there are; missing: those that come with lockstorm. */
  readonly workloads?: readonly Workload[]
  /** Hears every message, for pictures. */
  readonly onMessage?: (message: SeenMessage) => void
  /** Hears of every moment at which a fault could strike, and of every fault that does. */
  readonly watch?: StormWatch
}
