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
      mechanismZh: '锁的值没有大小顺序，所以存储分不清一次迟到的写入来自从前的持有者，还是现任的持有者。',
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
      mechanismZh: 'SET NX 之后才 INCR：先获得锁的客户端，可能后取到数字。',
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
      mechanismZh: '隔离令牌的计数器有 TTL（或者被淘汰，或者在主从切换中丢失），又从一开始计数。',
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
      mechanismZh: '问不到 Redis 时，代码不加锁也照样工作；或者工作还没提交，就释放了锁。',
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
