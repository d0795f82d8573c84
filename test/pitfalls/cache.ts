/** Pitfalls P99 to P103: a cache with a lock. */
import type { PitfallGroup } from './pitfall.ts'

export const cache: PitfallGroup = {
  title: 'A cache with a lock',
  pitfalls: [
    {
      number: 99,
      name: 'Stampede',
      mechanism: 'A value expires and everybody computes it at once.',
      faults: [],
      property: 'stampede',
      kind: 'definite',
      citations: [
        'omegaup/omegaup#8962',
        'omegaup/omegaup#9014',
        'mozilla-services/merino#104',
        'errorception/redis-memoizer#1',
      ],
      notShown: 'needs the workload cache',
    },
    {
      number: 100,
      name: 'An old value after an invalidation',
      mechanism: 'A reader loads the old value, a writer invalidates, and the reader stores what it loaded.',
      faults: ['delay-request'],
      property: 'stale-cache',
      kind: 'definite',
      citations: [
        'e2b-dev/infra#1964',
        'redis/lettuce#3481',
        'dust-tt/dust#31576',
        'utopia-php/cache#74',
        'spiritix/lada-cache#124',
        'alphagov/notifications-utils#1120',
      ],
      notShown: 'needs the workload cache',
    },
    {
      number: 101,
      name: 'A lock shorter than the computation',
      mechanism:
        'The lock on the computation ends before it is done; a second one begins, and the slower overwrites the newer.',
      faults: ['slow-work'],
      property: 'stale-cache',
      kind: 'by-contract',
      citations: [
        'SandeepVashishtha/Eventra#19040',
        'SandeepVashishtha/Eventra#19115',
        'laravel/framework#60920',
        'laravel/framework#61289',
      ],
      notShown: 'needs the workload cache',
    },
    {
      number: 102,
      name: 'Waiters that go on without the lock',
      mechanism: 'Who cannot get the lock in time computes, or deletes, without it.',
      faults: [],
      property: 'stampede',
      kind: 'definite',
      citations: ['e2b-dev/infra#1964'],
      notShown: 'needs the workload cache',
    },
    {
      number: 103,
      name: 'The one who computes dies',
      mechanism: 'The client that has the lock dies; everybody waits for its TTL and then computes at once.',
      faults: ['crash'],
      property: 'stampede',
      kind: 'definite',
      citations: ['linuxfoundation/crowd.dev#4340'],
      notShown: 'needs the workload cache',
    },
  ],
}
