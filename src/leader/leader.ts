/**
 * The contract of a leader election under test, and `defineLeader`.
 *
 * An election is two functions: `campaign`, which tries to become the leader until it is resigned from and tells each time that it
 * does or does not lead any more, and `resign`. There are never two leaders, and always one again.
 */
import type { ClientKind } from '../client/kind.ts'
import { checkClientKind, checkDefinition } from '../lock/definition.ts'
import type { RedisCommands } from '../lock/redis-commands.ts'

/** What an election is given for one campaign. */
export interface LeaderContext<Redis = RedisCommands> {
  /** A connected driver object: a real ioredis by default. */
  readonly redis: Redis
  /** What the election is about: its keys should begin with it. */
  readonly key: string
  /** Unique for each campaign: what the election should write into the key. */
  readonly token: string
  /** The machine's own name. */
  readonly owner: string
  /** For how long a leader leads when it says no more of it, in ms. */
  readonly leaseMs: number
  /** Opens one more connection, for blocking commands and subscribers. */
  connect(): Promise<Redis>
}

/** What an election tells a candidate. */
export interface Candidate {
  /** It leads from now on. `term`: the number of its term, larger than all before; where there is one no two leaders have the same. */
  onElected(term?: number | bigint): void
  /** It leads no more, and may be elected again. */
  onDeposed(): void
}

/** A leader election under test; `Campaign`: what `resign` is given of it. */
export interface LeaderDefinition<Redis = RedisCommands, Campaign = unknown> {
  /** Short and unique: a column of the matrix. */
  readonly name: string
  /** What it is, in a few words. */
  readonly title?: string
  /** The commands it sends, for readers of the report. */
  readonly commands?: string
  /** Begins to campaign, and resolves when it has begun, elected or not. Throwing: this campaign is over. */
  campaign(context: LeaderContext<Redis>, candidate: Candidate): Promise<Campaign>
  /** Ends a campaign, of a leader or not: it does not lead any more, and another one may. `campaign`: what `campaign` returned. */
  resign(context: LeaderContext<Redis>, campaign: Campaign): Promise<unknown>
  /** The client that it needs, whatever `--client` says; default: what the run asks for. */
  readonly client?: ClientKind
}

/**
 * Declares a leader election under test.
 * @throws UsageError when something that every election has is missing
 */
export function defineLeader<Redis = RedisCommands, Campaign = unknown>(
  definition: LeaderDefinition<Redis, Campaign>,
): LeaderDefinition<Redis, Campaign> {
  checkDefinition('defineLeader', definition, ['name, campaign and resign', 'my-election'], {
    campaign: 'add async campaign(context, candidate) { … }',
    resign: 'add async resign(context, campaign) { … }',
  })
  checkClientKind(`defineLeader(${definition.name})`, 'leader election', definition.client)
  return definition
}
