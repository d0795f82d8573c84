/**
 * A plan: everything that decides what happens in one world, except the code under test. Plain data: the same plan
 * and the same code give the same history, on every machine.
 */
import type { ClientKind } from '../client/kind.ts'
import type { PlannedFault } from '../fault/fault.ts'
import type { Latency } from '../net/link.ts'
import { nodesOf, type Subject } from '../subject/subject.ts'

export type { ClientKind } from '../client/kind.ts'

/** What the clients do. Times are virtual. */
export type WorkloadPlan =
  | {
      readonly kind: 'counter'
      /** How often each client takes the lock. */
      readonly rounds: number
      /** How long it works between reading and writing the counter. */
      readonly workUs: number
      /** Pause between two attempts to take the lock. */
      readonly retryUs: number
      /** Whether the storage refuses a write whose fencing token is lower than one it has seen. */
      readonly checkFence: boolean
      /** Whether a holder takes the lock once more while it has it, and gives that back before it writes. */
      readonly nested?: true
      /** How often a waiter may be overtaken by somebody who came later; not judged when missing. */
      readonly bypasses?: number
    }
  | {
      readonly kind: 'cache'
      /** How often each reader reads the cached value. */
      readonly reads: number
      /** How often the writer, the last client, changes it in the database. */
      readonly writes: number
      /** How long it takes to make the cached value from what the database said. */
      readonly workUs: number
      /** Pause between two attempts to take the lock. */
      readonly retryUs: number
      /** Pause between two reads, or two writes. */
      readonly everyUs: number
      /** How long the cache keeps a value, ms. */
      readonly keepMs: number
      /** Whether the writer takes the lock too, for the database and the cache together. */
      readonly writerLocks: boolean
      /** Whether the cache takes a value only if nobody invalidated it since it was asked for. */
      readonly checkGeneration: boolean
    }
  | {
      readonly kind: 'job'
      /** How many times the job is due. */
      readonly ticks: number
      /** From one tick to the next, by each scheduler's own wall clock. */
      readonly everyUs: number
      /** How long the job takes. */
      readonly workUs: number
      /** Whether a scheduler that ran the job keeps the lock until its lease ends. */
      readonly keepLock: boolean
      /** Whether the storage refuses a tick that it has seen. */
      readonly checkTick: boolean
    }
  | {
      readonly kind: 'cart'
      /** Requests of one user that run at the same time on different web servers. */
      readonly requests: number
      readonly workUs: number
      /** Whether the user logs out while a request is running. */
      readonly logout: boolean
    }

/** What each workload is run with: a lock or a session store. */
export const WORKLOAD_SUBJECTS = {
  counter: 'lock',
  cache: 'lock',
  job: 'lock',
  cart: 'session',
} as const satisfies Readonly<Record<WorkloadPlan['kind'], 'lock' | 'session'>>

export interface Plan {
  /** Name of the scenario it came from, for the report. */
  readonly scenario: string
  readonly seed: string
  /** What code under test is given, unless it says itself what it needs. */
  readonly client: ClientKind
  /** Number of clients; they are called A, B, C, … */
  readonly clients: number
  /** Number of independent Redis nodes; they are called redis-1, redis-2, … */
  readonly nodes: number
  /** The lease the lock asks for, or the session's time to live. */
  readonly ttlMs: number
  readonly latency: Latency
  /** How long before the others the first client begins, so that a story has a known first holder. */
  readonly headStartUs: number
  /** How long after each other the clients behind the first begin; missing: all at about the same time. */
  readonly staggerUs?: number
  readonly workload: WorkloadPlan
  readonly faults: readonly PlannedFault[]
  /**
   * Clients begin at once, and whenever messages of several connections reach a server in one moment, the next number says
   * which of them is first (0 when the list has ended). Without it they arrive in the order in which they were sent.
   */
  readonly order?: readonly number[]
  /** How long after the last fault healed everything must have settled. */
  readonly settleUs: number
}

/** The name of the nth client: A … Z, AA, AB, … */
export function clientName(index: number): string {
  const letter = String.fromCharCode(65 + (index % 26))
  return index < 26 ? letter : clientName(Math.floor(index / 26) - 1) + letter
}

/** The plan as it is run: a lock that needs more nodes than the plan has gets them. */
export const planFor = (plan: Plan, subject: Subject): Plan =>
  plan.nodes >= nodesOf(subject) ? plan : { ...plan, nodes: nodesOf(subject) }
