/**
 * A client of a workload: a process with its connections, as the workload's code sees it.
 */
import type { RedisCommands } from '../lock/redis-commands.ts'
import type { Address } from '../net/names.ts'
import type { LANES, OperationName, OperationType, OperationValue } from '../record/registry.ts'
import type { Shape, Written } from '../record/shape.ts'
import type { SimProcess } from '../sim/process.ts'
import { thrownText } from '../sim/thrown.ts'
import type { Atom } from '../sim/trace.ts'
import type { StorageClient } from './storage.ts'

/** Gives a client its own copy of a package, the same one each time. */
export type LoadModule = <Module = unknown>(name: string, from?: string) => Module

/** What a workload reaches of its process. */
export interface Client {
  readonly process: SimProcess
  readonly name: string
  /** One connected driver object a node. */
  readonly nodes: readonly RedisCommands[]
  /** Of a session store over servers that replicate: a connection to the first replica. */
  readonly replica?: RedisCommands
  /** Where the first node listens. */
  readonly address: Address
  readonly storage: StorageClient
  /** Opens one more connection to the first node. */
  readonly connect: () => Promise<RedisCommands>
  readonly load: LoadModule
  /**
   * Calls `look` at the moments at which it matters what a lease says: when a client is told that it has the lock, and just
   * after a key has expired. Between its own turns a process does nothing, and what it would say may have changed.
   */
  onMoment(look: () => void): void
  /** Whether the storm is over: no new round is begun. */
  isStopping(): boolean
  /** How much longer than planned its work takes at the moment (the slow-work fault), µs. */
  extraWorkUs(): number
}

/** Waits on the process's monotonic clock. */
export const sleep = (client: Client, us: number): Promise<void> =>
  new Promise((resolve) => {
    client.process.setTimer(us, resolve)
  })

/** Adds the record of an operation in the client's name. */
export const record = <Type extends OperationType, Name extends OperationName>(
  client: Client,
  type: Type,
  op: Name,
  value: OperationValue<Type, Name>,
): void => client.process.world.record(client.process, type, op, value)

/** Adds a note in the client's name, or that a believed hold of its ended. */
export const note = <Lane extends 'belief' | 'note', Name extends keyof (typeof LANES)[Lane] & string>(
  client: Client,
  lane: Lane,
  op: Name,
  value: Written<Extract<(typeof LANES)[Lane][Name], Shape>> & (Atom | readonly Atom[]),
): void => client.process.world.record(client.process, lane, op, value)

/** An exception as a short text for the trace. */
export const reason = thrownText
