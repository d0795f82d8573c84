/**
 * How many tests of each unit pass: `quick` without those that the suite calls slow or that take longer than five seconds, as in CI;
 * `whole` as in `npm run proofs`; `real` on a redis-server in the same mode. Units of which no test can run against an external server
 * are not named.
 */
export interface Passed {
  readonly quick: number
  readonly whole: number
  readonly real: number
}

const passed = (quick: number, whole: number, real = whole): Passed => ({ quick, whole, real })

export const PASSED: Readonly<Record<string, Passed>> = {
  'unit/dump': passed(11, 12),
  'unit/protocol': passed(25, 25),
  'unit/keyspace': passed(54, 54),
  'unit/scan': passed(16, 17),
  'unit/info-command': passed(3, 3),
  'unit/type/string': passed(74, 77),
  'unit/type/incr': passed(25, 25),
  'unit/type/list': passed(240, 240),
  'unit/type/list-2': passed(0, 2),
  'unit/type/list-3': passed(6, 11),
  'unit/type/set': passed(96, 98),
  'unit/type/zset': passed(270, 312),
  'unit/type/hash': passed(72, 73),
  'unit/type/stream': passed(71, 72),
  'unit/type/stream-cgroups': passed(51, 51),
  'unit/sort': passed(48, 52),
  'unit/expire': passed(64, 66),
  'unit/other': passed(19, 22),
  'unit/multi': passed(60, 60),
  'unit/quit': passed(3, 3),
  'unit/latency-monitor': passed(13, 13, 14),
  'integration/replication-buffer': passed(2, 2),
  'integration/redis-cli': passed(28, 29, 31),
  'unit/pubsub': passed(30, 30),
  'unit/slowlog': passed(16, 16),
  'unit/scripting': passed(273, 277),
  'unit/functions': passed(95, 95),
  'unit/introspection': passed(27, 27, 28),
  'unit/introspection-2': passed(43, 43),
  'unit/bitops': passed(45, 45),
  'unit/bitfield': passed(16, 16),
  'unit/geo': passed(57, 59),
  'unit/hyperloglog': passed(16, 22),
  'unit/lazyfree': passed(3, 3, 4),
  'unit/pause': passed(14, 14),
  'unit/tracking': passed(54, 54),
  'unit/violations': passed(1, 1),
  'unit/querybuf': passed(0, 0, 2),
  'unit/replybufsize': passed(0, 0, 1),
}
