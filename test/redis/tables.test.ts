/**
 * Hand-written command sequences, one table a group, compared byte for byte with redis-server in RESP2 and RESP3.
 */
import { afterAll, beforeAll, describe, it } from 'vitest'
import { loadLuaEngine } from '../../src/redis/script/node/load.ts'
import { compare } from './differential.ts'
import { acl } from './tables/acl.ts'
import { bitmaps } from './tables/bitmaps.ts'
import { connections } from './tables/connections.ts'
import { differences } from './tables/differences.ts'
import { dumps } from './tables/dump.ts'
import { encodings } from './tables/encodings.ts'
import { functions } from './tables/functions.ts'
import { geo } from './tables/geo.ts'
import { hyperLogLogs } from './tables/hyperloglogs.ts'
import { keys } from './tables/keys.ts'
import { keyspaceEvents } from './tables/keyspace-events.ts'
import { protocol } from './tables/protocol.ts'
import { pubSub } from './tables/pub-sub.ts'
import { regressions } from './tables/regressions.ts'
import { scripts } from './tables/scripts.ts'
import { server } from './tables/server.ts'
import { streams } from './tables/streams.ts'
import { strings } from './tables/strings.ts'
import { time } from './tables/time.ts'
import { tracking } from './tables/tracking.ts'
import { transactions } from './tables/transactions.ts'
import { startVirtualRedis, type VirtualRedis } from './virtual-redis.ts'

const groups = {
  tracking,
  acl,
  strings,
  keys,
  geo,
  hyperLogLogs,
  functions,
  streams,
  encodings,
  keyspaceEvents,
  differences,
  dumps,
  bitmaps,
  transactions,
  pubSub,
  connections,
  server,
  time,
  protocol,
  scripts,
  regressions,
}

const engine = loadLuaEngine()

let real: VirtualRedis
beforeAll(async () => {
  real = await startVirtualRedis()
})
afterAll(() => real.close())

for (const [group, sequences] of Object.entries(groups)) {
  for (const resp of [2, 3] as const) {
    describe(`${group}, RESP${resp}`, () => {
      for (const sequence of sequences) {
        it(`answers like redis-server: ${sequence.slice(0, 3).join(' · ').slice(0, 80)} …`, () =>
          compare(real, sequence, { resp, scripts: engine }))
      }
    })
  }
}
