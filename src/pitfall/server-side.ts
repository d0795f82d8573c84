/** Pitfalls P53 to P61: what the server does. */
import type { PitfallGroup } from './pitfall.ts'

export const serverSide: PitfallGroup = {
  title: 'The server',
  pitfalls: [
    {
      number: 53,
      name: 'A failover loses the key',
      mechanism:
        'The primary acknowledges the lock and dies before it has told its replica, which is promoted without the key.',
      faults: ['failover'],
      property: 'mutual-exclusion',
      kind: 'limit',
      citations: [
        'redisson/redisson#5256',
        'redisson/redisson#3994',
        'redisson/redisson#4706',
        'redisson/redisson#4672',
        'sibson/redbeat#163',
        'https://aphyr.com/posts/283-jepsen-redis',
      ],
      notShown:
        'needs replicas, and every run here is compared with a real server: [topologies.md](topologies.md) shows it without',
    },
    {
      number: 54,
      name: 'WAIT is not enough',
      mechanism:
        'WAIT tells how many replicas have the key, not which one will be promoted; when it times out the write stays.',
      faults: ['failover'],
      property: 'mutual-exclusion',
      kind: 'limit',
      citations: ['https://redis.io/docs/latest/commands/wait/'],
      notShown:
        'needs replicas, and every run here is compared with a real server: [topologies.md](topologies.md) shows it without',
    },
    {
      number: 55,
      name: 'Talking to a former primary',
      mechanism:
        'After a failover the connection still leads to the demoted server: it answers READONLY, and nothing is released or renewed.',
      faults: ['failover'],
      property: 'dead-lock',
      kind: 'bug',
      citations: [
        'redis/ioredis#144',
        'redis/ioredis#305',
        'redis/ioredis#1835',
        'n8n-io/n8n#25038',
        'redis-rb/redis-client#65',
      ],
      notShown:
        'needs replicas, and every run here is compared with a real server: [topologies.md](topologies.md) shows it without',
    },
    {
      number: 56,
      name: 'Asking a replica',
      mechanism: "Whether the lock is free, or still one's own, is read from a replica that lags behind.",
      faults: ['replica lag'],
      property: 'mutual-exclusion',
      kind: 'bug',
      citations: ['colinmollenhour/Cm_RedisSession#151', 'redisson/redisson#5659', 'alturkovic/distributed-lock#37'],
      notShown:
        'needs replicas, and every run here is compared with a real server: [topologies.md](topologies.md) shows it without',
    },
    {
      number: 57,
      name: 'A restart forgets the lock',
      mechanism:
        'A single server ends and comes back without the last writes: the lock is free while a client holds it.',
      faults: ['restart'],
      property: 'mutual-exclusion',
      kind: 'limit',
      citations: ['go-redsync/redsync#149', 'https://redis.io/docs/latest/develop/clients/patterns/distributed-locks/'],
      shows: { subject: 'set-nx-lua', storm: 'restart-without-data' },
      cure: { subject: 'set-nx-lua', storm: 'restart-with-data' },
    },
    {
      number: 58,
      name: 'The lock is evicted',
      mechanism: 'Memory is full and the policy removes keys, locks among them.',
      faults: ['evict'],
      property: 'mutual-exclusion',
      kind: 'limit',
      citations: ['redis/redis#9105', 'samcook/RedLock.net#101', 'spring-projects/spring-integration#11044'],
      shows: { subject: 'set-nx-lua', storm: 'eviction-of-the-lock' },
      cure: { subject: 'fenced', storm: 'eviction-of-the-lock' },
    },
    {
      number: 59,
      name: 'NOSCRIPT',
      mechanism:
        'The scripts are loaded once and called by their digest; after a restart (or SCRIPT FLUSH, or a failover) the server does not know them.',
      faults: ['restart'],
      property: 'dead-lock',
      kind: 'bug',
      citations: [
        'leandromoreira/redlock-rb#27',
        'symfony/symfony#59686',
        'shlinkio/shlink#2354',
        'CSenshi/nestjs-redis#15',
        'mike-marcacci/node-redlock#76',
        'mike-marcacci/node-redlock#77',
        'redisson/redisson#4351',
      ],
      shows: { subject: 'evalsha-only', model: 'scripts', storm: 'restart-with-data' },
      cure: { subject: 'falls-back-to-eval', model: 'scripts', storm: 'restart-with-data' },
    },
    {
      number: 60,
      name: 'A script that stops half-way',
      mechanism:
        'A command in the middle of a script fails (another type, no memory, a full disk); what was done before it stays done.',
      faults: [],
      property: 'dead-lock',
      kind: 'bug',
      citations: ['redis/redis#8623', 'redisson/redisson#3334', 'mike-marcacci/node-redlock#11'],
      shows: { subject: 'stops-half-way', model: 'scripts', storm: 'fails-in-the-middle' },
      cure: { subject: 'looks-first', model: 'scripts', storm: 'fails-in-the-middle' },
    },
    {
      number: 61,
      name: 'Somebody empties the database',
      mechanism: 'Another program on the same server calls FLUSHALL or FLUSHDB: the lock is gone before its time.',
      faults: [],
      property: 'mutual-exclusion',
      kind: 'bug',
      citations: ['https://redis.io/docs/latest/commands/flushall/'],
      shows: { subject: 'shares-server', model: 'flushes', storm: 'program-next-door' },
      cure: { subject: 'has-server-to-itself', model: 'flushes', storm: 'program-next-door' },
    },
  ],
}
