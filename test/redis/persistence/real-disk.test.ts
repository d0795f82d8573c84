/**
 * What a server has when its process was killed and started again is compared with a real redis-server, killed with kill -9: the order of
 * what is there, and no times.
 *
 * Not compared      a machine that lost power: what a process had given to its operating system a real one cannot lose here.
 */
import { beforeAll, describe, expect, it } from 'vitest'
import { PERSISTENCE, type Persistence } from '../../../src/redis/persistence/persistence.ts'
import { leaveOut } from '../../left-out.ts'
import { REFERENCE_VERSION, RealRedis } from '../real-redis.ts'
import { InMemory, OnDisk, type Teller } from './disk-run.ts'

let missing: string | null = null
beforeAll(async () => {
  try {
    const probe = await RealRedis.start()
    const connection = await probe.connect()
    if (!(await connection.command('INFO', 'server')).includes(`redis_version:${REFERENCE_VERSION}`)) {
      missing = `redis-server ${REFERENCE_VERSION}`
    }
    connection.close()
    await probe.stop()
  } catch {
    missing = 'redis-server'
  }
})

/** The answers of a story on both. */
async function onBoth(persistence: Persistence, story: (server: Teller) => Promise<readonly string[]>) {
  const tellers = [new InMemory(persistence), await OnDisk.start(persistence)]
  try {
    const told: (readonly string[])[] = []
    for (const teller of tellers) told.push(await story(teller))
    return { memory: told[0] ?? [], real: told[1] ?? [] }
  } finally {
    for (const teller of tellers) await teller.stop()
  }
}

const SETTINGS = [
  ['CONFIG', 'GET', 'appendonly'],
  ['CONFIG', 'GET', 'appendfsync'],
  ['CONFIG', 'GET', 'save'],
] as const

/** Of INFO what does not depend on times and sizes. */
const infoOf = async (server: Teller): Promise<string> =>
  (await server.ask('INFO', 'persistence'))
    .split('\r\n')
    .filter((line) => /^(?:loading|aof_enabled|rdb_changes_since_last_save|aof_(?:pending|buffer|delayed))/.test(line))
    .join(' ')

describe('a server that was killed and starts again has what a real one has', () => {
  it.for(PERSISTENCE)('with persistence %s', async (kind, context) => {
    if (missing !== null) leaveOut(context, missing)
    const { memory, real } = await onBoth({ kind }, async (server) => {
      const answers: string[] = []
      for (const setting of SETTINGS) answers.push(await server.ask(...setting))
      await server.ask('SET', 'old', '1')
      // Longer than a busy machine needs until the end, shorter than until the next start.
      await server.ask('SET', 'short', '1', 'PX', '3000')
      await server.ask('SET', 'long', '1', 'PX', '100000')
      await server.ask('BGSAVE')
      await server.saved()
      await server.ask('INCR', 'old')
      await server.ask('RPUSH', 'list', 'a', 'b')
      await server.ask(
        'EVAL',
        "redis.call('hset', KEYS[1], 'f', 'v') return redis.call('incr', KEYS[2])",
        '2',
        'h',
        'n',
      )
      await server.ask('SELECT', '3')
      await server.ask('SET', 'other', '1')
      answers.push(await infoOf(server))
      await server.restart(3200)
      answers.push(await server.ask('MGET', 'old', 'short', 'n'), await server.ask('LRANGE', 'list', '0', '-1'))
      answers.push(await server.ask('HGETALL', 'h'), await server.ask('EXISTS', 'long'))
      await server.ask('SELECT', '3')
      answers.push(await server.ask('GET', 'other'), await infoOf(server))
      // And once more, with what the second life did.
      await server.ask('SET', 'other', '2')
      await server.restart()
      await server.ask('SELECT', '3')
      answers.push(await server.ask('GET', 'other'))
      return answers
    })
    expect(memory).toEqual(real)
  })

  it('with a save point, which is reached by time', async (context) => {
    if (missing !== null) leaveOut(context, missing)
    const { memory, real } = await onBoth({ kind: 'rdb', save: '1 2' }, async (server) => {
      await server.ask('SET', 'k', '1')
      await server.ask('SET', 'k', '2')
      await server.passMs(2500)
      await server.saved()
      await server.ask('SET', 'k', '3')
      await server.restart()
      return [await server.ask('GET', 'k')]
    })
    expect(memory).toEqual(real)
    expect(memory).toEqual(['$1\r\n2\r\n'])
  })

  it('after SHUTDOWN, which saves where there are save points', async (context) => {
    if (missing !== null) leaveOut(context, missing)
    const ends = async (kind: 'rdb' | 'none' | 'aof-everysec', ...args: string[]) =>
      onBoth({ kind }, async (server) => {
        await server.ask('SET', 'k', '1')
        void server.ask('SHUTDOWN', ...args)
        await server.passMs(300)
        await server.restart()
        return [await server.ask('GET', 'k')]
      })
    for (const [kind, ...args] of [
      ['rdb'],
      ['rdb', 'NOSAVE'],
      ['none'],
      ['none', 'SAVE'],
      ['aof-everysec', 'NOSAVE'],
    ] as const) {
      const { memory, real } = await ends(kind, ...args)
      expect(memory, [kind, ...args].join(' ')).toEqual(real)
    }
  })
})
