/** Pitfalls P74 to P76: clocks. */
import type { PitfallGroup } from './pitfall.ts'

export const clocks: PitfallGroup = {
  title: 'Clocks',
  pitfalls: [
    {
      number: 74,
      name: 'Client clocks in shared state',
      nameZh: '共享状态里的客户端时钟',
      mechanism:
        'Each client writes its own time into a sorted set and throws out what looks old: a clock that is ahead throws out the living.',
      mechanismZh: '每个客户端把自己的时间写进有序集合，并踢掉看起来太旧的成员：时钟快的客户端会把还活着的踢出去。',
      faults: ['clock-offset'],
      property: 'mutual-exclusion',
      kind: 'bug',
      citations: ['dv/redis-semaphore#13', 'dv/redis-semaphore#14', 'bolshakov/stoplight#323'],
      shows: { subject: 'scores-by-client', model: 'clocks', storm: 'clock-ahead' },
      cure: { subject: 'scores-by-server', model: 'clocks', storm: 'clock-ahead' },
    },
    {
      number: 75,
      name: 'A deadline on the wall clock',
      nameZh: '用墙上时钟算截止时间',
      mechanism:
        'The holder measures its lease with Date.now(); when the clock is set back the lease seems to last longer.',
      mechanismZh: '持有者用 Date.now() 计算租约；时钟被往回拨时，租约看起来更长。',
      faults: ['slow-work', 'clock-step'],
      property: 'overstated-lease',
      kind: 'bug',
      citations: ['leandromoreira/redlock-rb#50', 'redis/redis-py#1402', 'joanvila/aioredlock#80'],
      shows: { subject: 'wall-deadline', storm: 'client-clock-behind' },
      cure: { subject: 'fenced', storm: 'client-clock-behind' },
    },
    {
      number: 76,
      name: 'The value is a time',
      nameZh: '值就是时间',
      mechanism:
        'The key holds the time at which the lock ends, and a client that finds it in the past takes over: a clock that is ahead takes over at once.',
      mechanismZh: '键里保存的是锁的结束时间，客户端发现它已经过去就接管：时钟快的客户端会立刻接管。',
      faults: ['clock-offset'],
      property: 'mutual-exclusion',
      kind: 'bug',
      citations: ['errorception/redis-lock#30'],
      shows: { subject: 'value-is-deadline', model: 'clocks', storm: 'clock-ahead' },
      cure: { subject: 'set-nx-lua', storm: 'clock-ahead' },
    },
  ],
}
