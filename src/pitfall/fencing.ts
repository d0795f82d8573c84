/** Pitfalls P77 to P80: fencing tokens, and work outside the lock. */
import type { PitfallGroup } from './pitfall.ts'

export const fencing: PitfallGroup = {
  title: 'Fencing',
  pitfalls: [
    {
      number: 77,
      name: 'No fencing token',
      nameZh: '没有隔离令牌',
      mechanism:
        'The storage cannot tell a late write of a former holder from one of the present holder, because lock values have no order.',
      faults: ['delay-request'],
      property: 'stale-write',
      kind: 'limit',
      citations: [
        'swarthy/redis-semaphore#127',
        'ORESoftware/live-mutex#106',
        'https://martin.kleppmann.com/2016/02/08/how-to-do-distributed-locking.html',
      ],
      shows: { subject: 'set-nx-lua', storm: 'late-write' },
      cure: { subject: 'fenced', storm: 'late-write' },
    },
    {
      number: 78,
      name: 'A fencing token from a second command',
      nameZh: '用第二条命令取隔离令牌',
      mechanism: 'INCR after SET NX: who was granted the lock first may draw its number second.',
      faults: ['delay-request'],
      property: 'fence-order',
      kind: 'bug',
      citations: ['AmrSaber/simple-redis-mutex#15'],
      shows: { subject: 'draws-fence-second', model: 'fences', storm: 'second-command-after-the-lease' },
      cure: { subject: 'fenced', storm: 'second-command-after-the-lease' },
    },
    {
      number: 79,
      name: 'The counter begins again',
      nameZh: '计数器从头开始',
      mechanism:
        'The counter of the fencing tokens has a TTL (or is evicted, or lost in a failover) and begins at one again.',
      faults: ['slow-work'],
      property: 'fence-order',
      kind: 'bug',
      citations: ['redisson/redisson#6510'],
      shows: { subject: 'expires-fence', model: 'fences', storm: 'quiet-time' },
      cure: { subject: 'fenced', storm: 'quiet-time' },
    },
    {
      number: 80,
      name: 'Open when Redis fails',
      nameZh: 'Redis 出错就放行',
      mechanism:
        'The code works without the lock when Redis cannot be asked; or it releases the lock before its work is committed.',
      faults: ['lose-reply'],
      property: 'mutual-exclusion',
      kind: 'bug',
      citations: [
        'LerianStudio/midaz#1609',
        'useautumn/autumn#2593',
        'useautumn/autumn#1365',
        'KanishJebaMathewM/Truxify#6028',
        'upstash/context7#2655',
      ],
      shows: { subject: 'fails-open', model: 'fences', storm: 'redis-out-of-reach', client: 'direct' },
      cure: { subject: 'set-nx-lua', storm: 'redis-out-of-reach', client: 'direct' },
    },
  ],
}
