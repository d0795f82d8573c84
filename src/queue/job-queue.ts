/**
 * The contract of a job queue under test, and `defineQueue`.
 *
 * A queue is two functions: `add`, which hands a job over, and `work`, which starts a worker that is called back with each job
 * that it takes. What `add` has acknowledged must be done, by one worker at a time, whatever becomes of the workers.
 */
import type { ClientKind } from '../client/kind.ts'
import { checkClientKind, checkMethods } from '../lock/definition.ts'
import type { RedisCommands } from '../lock/redis-commands.ts'
import { UsageError } from '../sim/usage-error.ts'

/** What a queue is given. */
export interface QueueContext<Redis = RedisCommands> {
  /** A connected driver object: a real ioredis by default. */
  readonly redis: Redis
  /** What the queue is called: its keys should begin with it. */
  readonly queue: string
  /** For how long a job is its worker's when the worker says no more of it, in ms: a lock duration, a visibility timeout. */
  readonly lockMs: number
  /** The machine's own name. */
  readonly owner: string
  /** Opens one more connection, for blocking commands and subscribers. */
  connect(): Promise<Redis>
}

/** Runs one job: resolves when it is done, rejects when it failed. */
export type Handle = (job: string) => Promise<void>

/** A job queue under test. */
export interface QueueDefinition<Redis = RedisCommands> {
  /** Short and unique: a column of the matrix. */
  readonly name: string
  /** What it is, in a few words. */
  readonly title?: string
  /** The commands it sends, for readers of the report. */
  readonly commands?: string
  /** Hands over a job. When it resolves the job must be done; throwing: the outcome is unknown. */
  add(context: QueueContext<Redis>, job: string): Promise<unknown>
  /**
   * Starts a worker, which calls `handle` for each job that it takes, and resolves when it has started. It works until its
   * process ends.
   */
  work(context: QueueContext<Redis>, handle: Handle): Promise<unknown>
  /** The client that it needs, whatever `--client` says; default: what the run asks for. */
  readonly client?: ClientKind
}

/**
 * Declares a job queue under test.
 * @throws UsageError when something that every queue has is missing
 */
export function defineQueue<Redis = RedisCommands>(definition: QueueDefinition<Redis>): QueueDefinition<Redis> {
  const candidate = definition as Partial<QueueDefinition<Redis>> | null
  if (typeof candidate !== 'object' || candidate === null) {
    throw new UsageError('defineQueue', 'expected an object with name, add and work', 'see docs/queues.md')
  }
  if (typeof candidate.name !== 'string' || candidate.name.trim() === '') {
    throw new UsageError('defineQueue', 'expected a name: a non-empty string', "add name: 'my-queue'")
  }
  checkMethods(`defineQueue(${candidate.name})`, candidate, {
    add: 'add async add(context, …) { … }',
    work: 'add async work(context, …) { … }',
  })
  checkClientKind(`defineQueue(${candidate.name})`, 'job queue', candidate.client)
  return definition
}
