/** LATENCY DOCTOR, of the samples of a real server: the same bytes as its own report. */
import { setTimeout } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { latencyReport } from '../../src/redis/latency-doctor.ts'
import { MemoryRedis } from '../../src/redis/memory-redis.ts'
import type { Reply } from '../../src/redis/reply.ts'
import { RealRedis } from './real-redis.ts'

let real: RealRedis
let redis: Redis
beforeAll(async () => {
  real = await RealRedis.start(['--enable-debug-command', 'yes', '--latency-monitor-threshold', '1'])
  redis = new Redis(real.port)
})
afterAll(async () => {
  redis.disconnect()
  await real.stop()
})

/** Commands of the two kinds that take longer than a millisecond; the second is one of those that are called fast. */
const slow = (seconds: string): Promise<unknown> => redis.call('DEBUG', 'SLEEP', seconds)
const slowForOneThatIsFast = (): Promise<unknown> => redis.rpush('list', ...new Array<string>(100_000).fill('x'))

type Latest = readonly (readonly [name: string, seconds: number, lastMs: number, highestMs: number])[]

/** What the report is made of; a server on a busy machine has others of its own. */
const EVENTS = ['command', 'fast-command']

async function expectSameReport(): Promise<void> {
  const asked = redis.multi().time()
  for (const name of EVENTS) asked.call('LATENCY', 'HISTORY', name)
  asked.call('CONFIG', 'GET', 'latency-monitor-threshold').call('CONFIG', 'GET', 'slowlog-log-slower-than')
  asked.call('LATENCY', 'LATEST').call('LATENCY', 'DOCTOR').call('LATENCY', 'LATEST')
  for (const name of EVENTS) asked.call('LATENCY', 'HISTORY', name)
  const replies = (await asked.time().exec())!.map(([, reply]) => reply)
  const [time, slowOnes, fastOnes, [, latencyMs], [, slowUs], latest, report] = replies as [
    [number],
    [number, number][],
    [number, number][],
    [string, string],
    [string, string],
    Latest,
    string,
  ]
  const [latestAfter, slowAfter, fastAfter, timeAfter] = replies.slice(7) as [Latest, unknown, unknown, [number]]
  const others = latest.filter(([name]) => !EVENTS.includes(name))
  for (const [name] of others) await redis.call('LATENCY', 'RESET', name)
  // A second ended in between, or one of these commands was itself slow: it may be told of either.
  const before = [latest, slowOnes, fastOnes, time[0]]
  const isSame = isDeepStrictEqual(before, [latestAfter, slowAfter, fastAfter, timeAfter[0]])
  if (!isSame || others.length > 0) return expectSameReport()
  const events = latest.map(([name, , , highestMs]) => ({
    name,
    samples: (name === 'command' ? slowOnes : fastOnes).map(([seconds, ms]) => ({ seconds, ms })),
    highestMs,
  }))
  const circumstances = { nowSeconds: Number(time[0]), latencyMs: Number(latencyMs), slowUs: Number(slowUs) }
  expect(latencyReport(events, circumstances)).toBe(report)
}

it('reports as redis-server does', async () => {
  await expectSameReport()
  await redis.call('CONFIG', 'SET', 'latency-monitor-threshold', '0')
  await expectSameReport()
  await redis.call('CONFIG', 'SET', 'latency-monitor-threshold', '1')
  for (const seconds of ['0.005', '0.030', '0.012']) {
    await slow(seconds)
    await setTimeout(1001)
    await expectSameReport()
  }
  for (const slowUs of ['-1', '0', '1999', '2000', '1000000']) {
    await redis.call('CONFIG', 'SET', 'slowlog-log-slower-than', slowUs)
    await expectSameReport()
  }
  await slowForOneThatIsFast()
  const latest = (await redis.call('LATENCY', 'LATEST')) as Latest
  expect(latest.map(([name]) => name)).toEqual(expect.arrayContaining(EVENTS))
  await expectSameReport()
  await redis.call('LATENCY', 'RESET', 'command')
  await expectSameReport()
  // It has been on: there is nothing to be told of, and then it is off.
  await redis.call('LATENCY', 'RESET')
  await expectSameReport()
}, 60_000)

it('is asked of a server in memory about its own commands', () => {
  let us = 0
  const server = new MemoryRedis({
    nowUs: () => 1_700_000_000_000_000 + us,
    measureUs: () => us,
    hasMovableClock: true,
    passMs: (ms) => {
      us += ms * 1000
    },
  })
  let last: Reply = null
  const client = server.connect({
    onReply: (reply) => {
      last = reply
    },
  })
  const say = (...args: string[]): Reply => {
    client.execute(args)
    return last
  }
  const doctor = (): string => String(say('LATENCY', 'DOCTOR'))
  expect(doctor()).toContain("I'm sorry, Dave")
  say('CONFIG', 'SET', 'latency-monitor-threshold', '10')
  expect(doctor()).toContain('no latency spike was observed')
  say('DEBUG', 'CLOCK', 'ADVANCE', '9')
  expect(doctor()).toContain('no latency spike was observed')
  say('DEBUG', 'CLOCK', 'ADVANCE', '2000')
  say('DEBUG', 'CLOCK', 'ADVANCE', '1000')
  expect(doctor().split('\n')[2]).toBe(
    '1. command: 2 latency spikes (average 1500ms, mean deviation 500ms, period 0.50 sec). Worst all time event 2000ms.',
  )
})
