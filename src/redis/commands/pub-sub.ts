/**
 * SUBSCRIBE and its relatives, PUBLISH, PUBSUB. The subscriptions live in `subscriptions.ts`.
 *
 * Source: https://redis.io/docs/latest/develop/interact/pubsub/
 */
import { type Command, type CommandContext, type CommandFlag, NO_REPLY, type Outcome } from '../command.ts'
import { errorOf } from '../errors.ts'
import { globMatches } from '../glob.ts'
import type { Reply } from '../reply.ts'
import { helpCommand, unknownSubcommandOf } from './help.ts'
import { NO_KEYS, ONE_KEY, ONLY_KEYS } from './key-positions.ts'

const SHARD_NEEDS_REPLIES = errorOf("ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client")

const subscribing: readonly CommandFlag[] = ['pubsub', 'noscript', 'loading', 'stale']
const publishing: readonly CommandFlag[] = ['pubsub', 'loading', 'stale', 'fast', 'may_replicate']
const asking: readonly CommandFlag[] = ['pubsub', 'loading', 'stale']

const HELP = [
  'CHANNELS [<pattern>]',
  "    Return the currently active channels matching a <pattern> (default: '*').",
  'NUMPAT',
  '    Return number of subscriptions to patterns.',
  'NUMSUB [<channel> ...]',
  '    Return the number of subscribers for the specified channels, excluding',
  '    pattern subscriptions(default: no channels).',
  'SHARDCHANNELS [<pattern>]',
  "    Return the currently active shard level channels matching a <pattern> (default: '*').",
  'SHARDNUMSUB [<shardchannel> ...]',
  '    Return the number of subscribers for the specified shard level channel(s)',
]

type Kind = 'channels' | 'patterns' | 'shardChannels'

const subscribe =
  (kind: Kind) =>
  (args: readonly string[], { connection, server, mustNotBlock }: CommandContext): Outcome => {
    // Only channels and patterns may be subscribed to inside EXEC, for old clients' sake.
    if (kind === 'shardChannels' && mustNotBlock) return SHARD_NEEDS_REPLIES
    server.pubSub.subscribe(connection, kind, args.slice(1))
    return NO_REPLY
  }

const unsubscribe =
  (kind: Kind) =>
  (args: readonly string[], { connection, server }: CommandContext): Outcome => {
    server.pubSub.unsubscribe(connection, kind, args.length === 1 ? null : args.slice(1))
    return NO_REPLY
  }

export const pubSubCommands: readonly Command[] = [
  { name: 'subscribe', arity: -2, flags: subscribing, ...NO_KEYS, execute: subscribe('channels') },
  { name: 'psubscribe', arity: -2, flags: subscribing, ...NO_KEYS, execute: subscribe('patterns') },
  { name: 'ssubscribe', arity: -2, flags: subscribing, ...ONLY_KEYS, execute: subscribe('shardChannels') },
  { name: 'unsubscribe', arity: -1, flags: subscribing, ...NO_KEYS, execute: unsubscribe('channels') },
  { name: 'punsubscribe', arity: -1, flags: subscribing, ...NO_KEYS, execute: unsubscribe('patterns') },
  { name: 'sunsubscribe', arity: -1, flags: subscribing, ...ONLY_KEYS, execute: unsubscribe('shardChannels') },
  {
    name: 'publish',
    arity: 3,
    flags: publishing,
    ...NO_KEYS,
    execute: (args, { server }) => {
      server.cluster?.links.publish('publish', args[1]!, args[2]!)
      return server.pubSub.publish(args[1]!, args[2]!)
    },
  },
  {
    name: 'spublish',
    arity: 3,
    flags: publishing,
    ...ONE_KEY,
    execute: (args, { server }) => {
      server.cluster?.links.publish('publishshard', args[1]!, args[2]!)
      return server.pubSub.publishShard(args[1]!, args[2]!)
    },
  },
  {
    name: 'pubsub',
    arity: -2,
    flags: [],
    ...NO_KEYS,
    execute: () => null,
    subcommands: [
      { name: 'pubsub|channels', arity: -2, flags: asking, ...NO_KEYS, execute: names('channels') },
      { name: 'pubsub|numsub', arity: -2, flags: asking, ...NO_KEYS, execute: counts('channels') },
      {
        name: 'pubsub|numpat',
        arity: 2,
        flags: asking,
        ...NO_KEYS,
        execute: (_args, { server }) => server.pubSub.patterns.size,
      },
      { name: 'pubsub|shardchannels', arity: -2, flags: asking, ...NO_KEYS, execute: names('shardChannels') },
      { name: 'pubsub|shardnumsub', arity: -2, flags: asking, ...NO_KEYS, execute: counts('shardChannels') },
      helpCommand('pubsub', HELP),
    ],
  },
]

function names(kind: Exclude<Kind, 'patterns'>) {
  return (args: readonly string[], { server }: CommandContext): Reply => {
    if (args.length > 3) return unknownSubcommandOf(args)
    const all = [...server.pubSub[kind].keys()]
    return args.length === 2 ? all : all.filter((name) => globMatches(args[2]!, name))
  }
}

function counts(kind: Exclude<Kind, 'patterns'>) {
  return (args: readonly string[], { server }: CommandContext): Reply =>
    args.slice(2).flatMap((name) => [name, server.pubSub[kind].get(name)?.size ?? 0])
}
