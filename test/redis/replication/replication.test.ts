import { describe, expect, it } from 'vitest'
import { type Member, Servers } from './pair.ts'

/** A primary and its replicas, in step. */
function pair(replicas = 1, settings: readonly (readonly [string, string])[] = []) {
  const servers = new Servers()
  const primary = servers.add('p', settings)
  const others = Array.from({ length: replicas }, (_, index) => servers.add(`r${index + 1}`, settings))
  for (const { client } of others) client.execute(['REPLICAOF', 'p', '6379'])
  servers.deliver()
  for (const { told } of others) told()
  return { servers, primary, replicas: others, replica: others[0] as Member }
}

const info = (member: Member, name: string): string | undefined => {
  const found = new RegExp(`^${name}:(.*)$`, 'm').exec(String(member.ask('INFO', 'replication')))
  if (found === null) throw new Error(`INFO has no ${name}`)
  return found[1]?.trim()
}

describe('a replica', () => {
  it('lets empty requests of its primary pass, as redis-server does', () => {
    const { servers, primary, replica } = pair()
    // What a primary that is damaged says.
    servers.meddle = (bytes) => bytes.replace('*3\r\n$3\r\nSET', '*-1\r\n*0\r\n\r\n*3\r\n$3\r\nSET')
    primary.ask('SET', 'k', 'v')
    servers.deliver()
    expect(replica.ask('GET', 'k')).toBe('v')
  })

  it('begins with a snapshot of everything, then follows', () => {
    const servers = new Servers()
    const primary = servers.add('p')
    const replica = servers.add('r1')
    replica.ask('SET', 'own', 'old')
    primary.ask('SET', 'k', 'v', 'PX', '5000')
    primary.ask('HSET', 'h', 'f', 'v')
    primary.ask('SELECT', '3')
    primary.ask('RPUSH', 'l', 'a', 'b')
    replica.ask('REPLICAOF', 'p', '6379')
    expect(replica.ask('GET', 'own')).toBe('old')
    servers.deliver()
    expect(replica.ask('KEYS', '*')).toEqual(['k', 'h'])
    expect(replica.ask('PTTL', 'k')).toBe(5000)
    replica.ask('SELECT', '3')
    expect(replica.ask('LRANGE', 'l', '0', '-1')).toEqual(['a', 'b'])
    primary.ask('LPUSH', 'l', 'z')
    expect(replica.ask('LLEN', 'l')).toBe(2)
    servers.deliver()
    expect(replica.ask('LLEN', 'l')).toBe(3)
  })

  it('says who it is', () => {
    const { primary, replica, servers } = pair()
    primary.ask('SET', 'k', 'v')
    servers.pass(2)
    const offset = Number(info(primary, 'master_repl_offset'))
    expect(primary.ask('ROLE')).toEqual(['master', offset, [['r1', '6379', String(offset)]]])
    expect(replica.ask('ROLE')).toEqual(['slave', 'p', 6379, 'connected', offset])
    expect(info(primary, 'slave0')).toBe(`ip=r1,port=6379,state=online,offset=${offset},lag=0`)
    expect(info(replica, 'master_link_status')).toBe('up')
    expect(info(replica, 'master_replid')).toBe(info(primary, 'master_replid'))
  })

  it('refuses writes, also in transactions and scripts', () => {
    const { replica } = pair()
    const refused = { kind: 'error', text: "READONLY You can't write against a read only replica." }
    expect(replica.ask('SET', 'k', 'v')).toEqual(refused)
    replica.ask('MULTI')
    expect(replica.ask('SET', 'k', 'v')).toEqual(refused)
    expect(replica.ask('EXEC')).toMatchObject({ text: 'EXECABORT Transaction discarded because of previous errors.' })
    expect(replica.ask('EVAL', "return redis.call('set','k','v')", '0')).toMatchObject({
      text: expect.stringMatching(/^READONLY You can't write against a read only replica\. script: /),
    })
    expect(replica.ask('EVAL', "return redis.call('get','k')", '0')).toBeNull()
  })

  it('hides a key whose time is up, and removes it when the primary says so', () => {
    const { servers, primary, replica } = pair()
    primary.ask('SET', 'k', 'v', 'PX', '1000')
    servers.deliver()
    servers.nowMs += 1001
    expect(replica.ask('GET', 'k')).toBeNull()
    expect(replica.ask('PTTL', 'k')).toBe(-2)
    expect(replica.ask('DBSIZE')).toBe(1)
    expect(primary.ask('GET', 'k')).toBeNull()
    servers.deliver()
    expect(replica.ask('DBSIZE')).toBe(0)
  })

  it('takes a deadline from the primary although its own clock is past it', () => {
    const { servers, primary, replica } = pair()
    primary.ask('SET', 'k', 'v', 'PX', '1000')
    primary.ask('PEXPIRE', 'k', '1500')
    servers.nowMs += 2000
    servers.deliver()
    expect(replica.ask('DBSIZE')).toBe(1)
    expect(replica.ask('GET', 'k')).toBeNull()
  })

  it('without a link and with replica-serve-stale-data no answers MASTERDOWN', () => {
    const { servers, replica } = pair(1, [['replica-serve-stale-data', 'no']])
    servers.hide('p')
    servers.reset('p', 'r1')
    servers.deliver()
    const stale = { text: "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'." }
    expect(replica.ask('GET', 'k')).toMatchObject(stale)
    expect(replica.ask('PING')).toMatchObject(stale)
    expect(replica.ask('SET', 'k', 'v')).toMatchObject({ text: expect.stringMatching(/^READONLY/) })
    expect(replica.ask('ROLE')).toEqual(['slave', 'p', 6379, 'connect', -1])
  })

  it('goes on where it was after a lost connection', () => {
    const { servers, primary, replica } = pair()
    primary.ask('SET', 'a', '1')
    servers.deliver()
    servers.hide('p')
    servers.reset('p', 'r1')
    servers.deliver()
    primary.ask('SET', 'b', '2')
    servers.hide('p', false)
    servers.pass(1)
    expect(replica.ask('GET', 'b')).toBe('2')
    expect(info(replica, 'slave_repl_offset')).toBe(info(primary, 'master_repl_offset'))
    // A snapshot would have begun a new backlog.
    expect(Number(info(replica, 'repl_backlog_histlen'))).toBeGreaterThan(50)
  })

  it('executes a transaction as a whole, and counts it when it has', () => {
    const { servers, primary, replica } = pair()
    for (const args of [['MULTI'], ['SET', 'a', '1'], ['INCR', 'n'], ['EXEC']]) primary.ask(...args)
    servers.deliver()
    expect(replica.ask('GET', 'n')).toBe('1')
    expect(info(replica, 'slave_repl_offset')).toBe(info(primary, 'master_repl_offset'))
  })

  it('hands the stream on to replicas of its own', () => {
    const { servers, primary } = pair(1)
    const last = servers.add('r9')
    last.ask('REPLICAOF', 'r1', '6379')
    servers.deliver()
    primary.ask('SET', 'k', 'v')
    servers.pass(2)
    expect(last.ask('GET', 'k')).toBe('v')
    expect(info(last, 'slave_repl_offset')).toBe(info(primary, 'master_repl_offset'))
  })
})

describe('WAIT', () => {
  it('answers when enough replicas have what the client wrote', () => {
    const { servers, primary } = pair(2)
    primary.ask('SET', 'k', 'v')
    expect(primary.ask('WAIT', '2', '0')).toBeUndefined()
    servers.deliver(['r2'])
    expect(primary.told()).toEqual([])
    servers.deliver()
    expect(primary.told()).toEqual([2])
  })

  it('answers how many there are when its time is up', () => {
    const { servers, primary } = pair(2)
    primary.ask('SET', 'k', 'v')
    primary.ask('WAIT', '2', '500')
    servers.deliver(['r2'])
    servers.nowMs += 501
    primary.server.wake()
    expect(primary.told()).toEqual([1])
  })

  it('answers once, also when an earlier one of the same client was over before the replica had anything', () => {
    const { servers, primary, replica } = pair(1)
    primary.ask('SET', 'k', 'v')
    replica.ask('REPLICAOF', 'NO', 'ONE')
    replica.ask('SET', 'own', 'v')
    primary.ask('WAIT', '1', '500')
    servers.nowMs += 501
    primary.server.wake()
    expect(primary.told()).toEqual([0])
    replica.ask('REPLICAOF', 'p', '6379')
    primary.ask('WAIT', '1', '5000')
    servers.pass(1)
    expect(primary.told()).toEqual([1])
  })

  it('of a client that wrote nothing counts the replicas', () => {
    const { primary, replica } = pair(2)
    primary.ask('SET', 'k', 'v')
    const other = primary.server.connect({ onReply: (reply) => expect(reply).toBe(2) })
    other.execute(['WAIT', '2', '0'])
    expect(replica.ask('WAIT', '1', '1')).toMatchObject({
      text: expect.stringMatching(/^ERR WAIT cannot be used with replica/),
    })
  })
})

describe('min-replicas-to-write', () => {
  it('refuses writes when replicas have not been heard of for too long', () => {
    const { servers, primary } = pair(1, [
      ['min-replicas-to-write', '1'],
      ['min-replicas-max-lag', '2'],
    ])
    expect(primary.ask('SET', 'k', 'v')).toEqual({ kind: 'status', text: 'OK' })
    servers.hide('p')
    servers.reset('p', 'r1')
    servers.deliver()
    const refused = { kind: 'error', text: 'NOREPLICAS Not enough good replicas to write.' }
    expect(primary.ask('SET', 'k', 'v')).toEqual(refused)
    expect(primary.ask('GET', 'k')).toBe('v')
    servers.hide('p', false)
    servers.pass(1)
    expect(primary.ask('SET', 'k', 'w')).toEqual({ kind: 'status', text: 'OK' })
  })
})

describe('promotion', () => {
  it('lets the other replica go on, and the former primary only if it wrote nothing meanwhile', () => {
    const { servers, primary, replicas } = pair(2)
    const [r1, r2] = replicas as [Member, Member]
    primary.ask('SET', 'k', 'v')
    servers.deliver()
    const before = info(primary, 'master_replid')
    r1.ask('REPLICAOF', 'NO', 'ONE')
    expect(info(r1, 'master_replid2')).toBe(before)
    expect(r1.ask('SET', 'k', 'new')).toEqual({ kind: 'status', text: 'OK' })
    r2.ask('REPLICAOF', 'r1', '6379')
    servers.deliver()
    expect(r2.ask('GET', 'k')).toBe('new')
    expect(info(r2, 'master_replid')).toBe(info(r1, 'master_replid'))
    expect(Number(info(r2, 'repl_backlog_histlen'))).toBeGreaterThan(50)
    primary.ask('SET', 'lost', 'x')
    primary.ask('REPLICAOF', 'r1', '6379')
    servers.deliver()
    expect(primary.ask('GET', 'lost')).toBeNull()
    expect(primary.ask('GET', 'k')).toBe('new')
    expect(info(primary, 'slave_repl_offset')).toBe(info(r1, 'master_repl_offset'))
  })

  it('loses what the replica had not read', () => {
    const { servers, primary, replica } = pair()
    primary.ask('SET', 'k', 'v', 'NX', 'PX', '30000')
    servers.reset('p', 'r1')
    servers.hide('p')
    servers.deliver()
    replica.ask('REPLICAOF', 'NO', 'ONE')
    expect(replica.ask('SET', 'k', 'w', 'NX', 'PX', '30000')).toEqual({ kind: 'status', text: 'OK' })
  })

  it('cuts clients that wait on a server that becomes a replica, and no other', () => {
    const { servers, primary, replica } = pair()
    replica.ask('REPLICAOF', 'NO', 'ONE')
    const waiting: unknown[] = []
    let isClosed = false
    const blocked = primary.server.connect({
      onReply: (reply) => waiting.push(reply),
      onClose: () => (isClosed = true),
    })
    blocked.execute(['BLPOP', 'l', '0'])
    primary.ask('REPLICAOF', 'r1', '6379')
    servers.deliver()
    expect(waiting).toEqual([
      {
        kind: 'error',
        text: 'UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)',
      },
    ])
    expect(isClosed).toBe(true)
    expect(primary.ask('PING')).toEqual({ kind: 'status', text: 'PONG' })
  })

  it('after a restart follows whom CONFIG REWRITE has kept', () => {
    const { servers, primary, replica } = pair()
    primary.ask('SET', 'k', 'v')
    servers.deliver()
    replica.ask('CONFIG', 'REWRITE')
    replica.server.restart({ keepData: false })
    servers.pass(2)
    expect(replica.server.database(0).size).toBe(1)
  })
})
