/**
 * What is on a server's disk when it ends, by the clock of fsync and of `save` points. The real server is beside it in
 * `real-disk.test.ts`; that a machine lost power can be seen here only.
 */
import { describe, expect, it } from 'vitest'
import type { PersistenceKind } from '../../../src/redis/persistence/persistence.ts'
import { InMemory } from './disk-run.ts'

const started = (kind: PersistenceKind): InMemory => {
  const redis = new InMemory({ kind })
  redis.pass(400)
  return redis
}

describe('appendfsync everysec', () => {
  it('loses what came after the last new second with the power, and nothing with the process', () => {
    for (const [ending, kept] of [
      ['synced', ':0\r\n'],
      ['written', ':1\r\n'],
    ] as const) {
      const redis = started('aof-everysec')
      redis.pass(700)
      // 1.1 s: the first turn of a second syncs what it does itself, too.
      redis.tell('SET', 'first', '1')
      redis.pass(1)
      redis.tell('SET', 'second', '1')
      redis.pass(800)
      expect(redis.end(ending)).toBe(ending === 'synced' ? 'log' : 'whole log')
      expect(redis.tell('EXISTS', 'first')).toBe(':1\r\n')
      expect(redis.tell('EXISTS', 'second')).toBe(kept)
    }
  })

  it('syncs in a cron when no client comes: 99 ms into a new second at the latest', () => {
    const redis = new InMemory({ kind: 'aof-everysec' })
    redis.pass(50)
    redis.tell('SET', 'k', '1')
    redis.pass(949)
    expect(redis.end('synced')).toBe('log')
    expect(redis.tell('EXISTS', 'k')).toBe(':0\r\n')
    redis.tell('SET', 'k', '1')
    redis.pass(1100)
    redis.end('synced')
    expect(redis.tell('EXISTS', 'k')).toBe(':1\r\n')
  })

  it('brings back a key that was deleted in the lost second', () => {
    const redis = started('aof-everysec')
    redis.tell('SET', 'k', '1')
    redis.pass(700)
    redis.tell('DEL', 'k')
    redis.end('synced')
    expect(redis.tell('GET', 'k')).toBe('$1\r\n1\r\n')
  })
})

describe('a restart', () => {
  it.each([
    ['none', ':0\r\n'],
    ['rdb', ':0\r\n'],
    ['aof-always', ':1\r\n'],
  ] as const)('of a server with %s without power', (kind, kept) => {
    const redis = started(kind)
    redis.tell('SET', 'k', '1')
    redis.end('synced')
    expect(redis.tell('EXISTS', 'k')).toBe(kept)
  })

  it('has the last snapshot, whole, whatever came after it', () => {
    const redis = started('rdb')
    redis.tell('SET', 'k', 'old')
    redis.tell('SAVE')
    redis.tell('SET', 'k', 'new')
    redis.tell('SET', 'l', 'new')
    expect(redis.end('synced')).toBe('snapshot')
    expect(redis.tell('MGET', 'k', 'l')).toBe('*2\r\n$3\r\nold\r\n$-1\r\n')
  })

  it('has what a configuration file says: CONFIG SET is forgotten, and the file that it made is not read', () => {
    const redis = started('none')
    redis.tell('CONFIG', 'SET', 'appendonly', 'yes')
    redis.tell('SET', 'k', '1')
    expect(redis.end('written')).toBe('nothing')
    expect(redis.tell('CONFIG', 'GET', 'appendonly')).toContain('$2\r\nno\r\n')
  })

  it('is possible again and again', () => {
    const redis = started('aof-everysec')
    for (let life = 1; life <= 3; life += 1) {
      expect(redis.tell('INCR', 'lives')).toBe(`:${life}\r\n`)
      redis.pass(1200)
      redis.end('synced', 30)
    }
    redis.tell('INCR', 'lives')
    redis.end('synced')
    expect(redis.tell('GET', 'lives')).toBe('$1\r\n3\r\n')
  })
})
