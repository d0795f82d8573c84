/**
 * Tests of Redis's own suite that are not run here, and why. A name that its unit does not have (any longer) fails.
 */

export interface LeftOut {
  readonly reason: string
  /** Names of tests by unit. */
  readonly tests: Readonly<Record<string, readonly string[]>>
}

export const LEFT_OUT: readonly LeftOut[] = [
  {
    reason: 'a redis-server fails it, too: its payload is of a format that Redis 7.0 does not know',
    tests: { 'unit/dump': ['RESTORE fail with invalid payload size'] },
  },
  {
    reason: 'a redis-server fails it in this mode, too: it asks for the process id of a child',
    tests: { 'unit/type/set': ['SRANDMEMBER with a dict containing long chain'] },
  },
  {
    reason: 'they put a file where the server keeps its snapshot, and have it loaded; here there are no files',
    tests: { 'integration/redis-cli': ['Dumping an RDB - functions only: no', 'Dumping an RDB - functions only: yes'] },
  },
  {
    reason: 'it waits for the time that it takes to free a million elements; here it takes none',
    tests: { 'unit/latency-monitor': ['LATENCY of expire events are correctly collected'] },
  },
  {
    reason: 'a port that is taken is refused there; here `CONFIG SET port` changes no port',
    tests: { 'unit/introspection': ['CONFIG SET rollback on apply error'] },
  },
  {
    reason: 'it counts what a thread of its own frees; here all is freed at once',
    tests: { 'unit/lazyfree': ['lazy free a stream with all types of metadata'] },
  },
  {
    reason: 'the sizes of the buffers of a connection: here they are those of Node',
    tests: {
      'unit/replybufsize': ['verify reply buffer limits'],
      'unit/querybuf': ['query buffer resized correctly', 'query buffer resized correctly when not idle'],
    },
  },
]

/** Tests that take the suite itself (or a script that is never to end) more than five seconds: run by `npm run proofs` alone. */
const LONG: Readonly<Record<string, readonly string[]>> = {
  'integration/redis-cli': ['Piping raw protocol'],
  'unit/dump': ['MIGRATE cached connections are released after some time'],
  'unit/geo': ['GEOSEARCH fuzzy test - byradius', 'GEOSEARCH fuzzy test - bybox'],
  'unit/hyperloglog': [
    'HyperLogLogs are promote from sparse to dense',
    'HyperLogLog sparse encoding stress test',
    "Corrupted sparse HyperLogLogs doesn't cause overflow and out-of-bounds with ZERO opcode",
    'Fuzzing dense/sparse encoding: Redis should always detect errors',
    'PFCOUNT multiple-keys merge returns cardinality of union #1',
    'PFCOUNT multiple-keys merge returns cardinality of union #2',
  ],
  'unit/scan': ['SCAN regression test for issue #4906'],
  'unit/scripting': [
    'Timedout read-only scripts can be killed by SCRIPT KILL even when use pcall',
    'Timedout script does not cause a false dead client',
  ],
  'unit/type/hash': ['Hash fuzzing #1 - 512 fields'],
  'unit/type/list-3': [0, 1, 2].map((compressed) => `Stress tester for #3343-alike bugs comp: ${compressed}`),
  'unit/type/set': ['SDIFF fuzzing'],
  'unit/type/stream': ['XRANGE fuzzing'],
  'unit/type/zset': ['ZDIFF fuzzing - listpack', 'ZDIFF fuzzing - skiplist'],
}

/** The names that a unit is run without. */
export const leftOutOf = (unit: string): readonly string[] => LEFT_OUT.flatMap(({ tests }) => tests[unit] ?? [])

/** The names that are left for `npm run proofs`, too. */
export const longOnesOf = (unit: string): readonly string[] => LONG[unit] ?? []
