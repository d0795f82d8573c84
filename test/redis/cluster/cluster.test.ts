/**
 * A cluster on virtual time: who is found to have failed, who takes its place, and what clients are told meanwhile.
 *
 * The figures are those of real clusters with the same node timeout.
 */
import { describe, expect, it } from 'vitest'
import { keySlot } from '../../../src/redis/cluster/slots.ts'
import { clientOf, Nodes } from './nodes.ts'

// `b` is in slot 3300, of n0, whose replica is n3; `foo` in 12182 of n2, whose replica is n5.
const DOWN = 'CLUSTERDOWN The cluster is down'
const flagsOf = (nodes: Nodes, seer: string, seen: string): string => {
  const { cluster, client } = nodes.node(seer)
  const { id } = nodes.node(seen).cluster.me
  expect(cluster.nodes.has(id)).toBe(true)
  const line = String(client.ask('CLUSTER', 'NODES'))
    .split('\n')
    .find((text) => text.startsWith(id))
  return line?.split(' ')[2] ?? ''
}
const state = (nodes: Nodes, name: string): boolean => nodes.node(name).cluster.isOk
const stateOfAll = (nodes: Nodes): readonly boolean[] => nodes.all.map(({ cluster }) => cluster.isOk)

describe('a primary that ends', () => {
  it('is suspected, has failed, and is replaced by its replica, within the times of a real cluster', () => {
    const nodes = new Nodes()
    nodes.node('n0').client.ask('SET', 'b', 'v', 'PX', '100000')
    nodes.deliver()
    nodes.kill('n0')
    const suspectedMs = nodes.until(() => flagsOf(nodes, 'n1', 'n0').includes('fail'))
    expect(suspectedMs).toBeGreaterThan(500)
    expect(suspectedMs).toBeLessThanOrEqual(1600)
    const failedMs = nodes.until(() => flagsOf(nodes, 'n3', 'n0') === 'master,fail')
    expect(failedMs).toBeLessThanOrEqual(600)
    // From FAIL to the promotion no node serves any key.
    expect(nodes.node('n2').client.ask('GET', 'foo')).toBe(DOWN)
    expect(nodes.node('n2').client.ask('PING')).toBe('PONG')
    const promotedMs = nodes.until(() => flagsOf(nodes, 'n3', 'n3') === 'myself,master')
    expect(promotedMs).toBeGreaterThanOrEqual(500)
    expect(promotedMs).toBeLessThanOrEqual(1200)
    expect(nodes.node('n3').client.ask('GET', 'b')).toBe('v')
    expect(nodes.node('n1').client.ask('GET', 'b')).toBe('MOVED 3300 n3:6379')
    expect(nodes.node('n2').client.ask('GET', 'foo')).toBe(null)
    expect(nodes.node('n3').cluster.me.configEpoch).toBe(4)
  })

  it('follows the new one when it starts again, and its own writes are gone', () => {
    const nodes = new Nodes()
    nodes.isolate('n0')
    expect(nodes.node('n0').client.ask('SET', 'b', 'lost')).toBe('OK')
    nodes.kill('n0')
    nodes.heal()
    nodes.until(() => nodes.node('n3').cluster.me.isPrimary)
    nodes.start('n0', true)
    const again = clientOf(nodes.node('n0').server)
    expect(again.ask('GET', 'b')).toBe(DOWN)
    nodes.until(() => again.ask('GET', 'b') === 'MOVED 3300 n3:6379', 3000)
    nodes.pass(3000)
    expect(nodes.node('n0').server.database(0).size).toBe(0)
    expect((again.ask('ROLE') as unknown[]).slice(0, 4)).toEqual(['slave', 'n3', 6379, 'connected'])
  })

  it('takes everything with it when it starts again at once without its data', () => {
    const nodes = new Nodes()
    nodes.node('n0').client.ask('SET', 'b', 'v')
    nodes.deliver()
    expect(nodes.node('n3').server.database(0).size).toBe(1)
    nodes.kill('n0')
    nodes.start('n0', false)
    nodes.pass(4000)
    expect(nodes.node('n0').cluster.me.isPrimary).toBe(true)
    expect(clientOf(nodes.node('n0').server).ask('GET', 'b')).toBe(null)
    expect(nodes.node('n3').server.database(0).size).toBe(0)
  })

  it('is not replaced without a majority of primaries', () => {
    const nodes = new Nodes()
    nodes.kill('n0')
    nodes.kill('n1')
    nodes.pass(20_000)
    expect(nodes.node('n3').cluster.me.isPrimary).toBe(false)
    expect(nodes.node('n2').client.ask('GET', 'foo')).toBe(DOWN)
  })

  it('is replaced by the replica that has more', () => {
    for (const seed of ['1', '2', '3', '4']) {
      const nodes = new Nodes([], { primaries: 3, replicas: 6, seed })
      // n3 and n6 are replicas of n0: n6 misses a write, and both can still vote and be heard.
      nodes.isolate('n6')
      nodes.node('n0').client.ask('SET', 'b', 'v')
      nodes.deliver()
      nodes.kill('n0')
      nodes.heal()
      nodes.until(() => nodes.node('n3').cluster.me.isPrimary || nodes.node('n6').cluster.me.isPrimary)
      expect(nodes.node('n3').cluster.me.isPrimary, `seed ${seed}`).toBe(true)
      nodes.until(() => nodes.node('n6').cluster.me.primary?.host === 'n3')
    }
  })
})

describe('a primary that is cut off', () => {
  it('accepts writes for one to one and a half node timeouts, and then no more; the other side has replaced it later', () => {
    const nodes = new Nodes()
    const { client } = nodes.node('n0')
    nodes.isolate('n0')
    expect(client.ask('SET', 'b', 'lost', 'NX')).toBe('OK')
    const acceptedMs = nodes.until(() => client.ask('SET', 'b', 'lost') !== 'OK')
    expect(client.ask('SET', 'b', 'lost')).toBe(DOWN)
    expect(acceptedMs).toBeGreaterThanOrEqual(600)
    expect(acceptedMs).toBeLessThanOrEqual(1700)
    expect(nodes.node('n3').cluster.me.isPrimary).toBe(false)
    nodes.until(() => nodes.node('n3').cluster.me.isPrimary)
    expect(nodes.node('n3').client.ask('SET', 'b', 'kept', 'NX')).toBe('OK')
    nodes.heal()
    nodes.pass(200)
    expect(client.ask('GET', 'b')).toBe('MOVED 3300 n3:6379')
    nodes.pass(2000)
    expect(client.ask('READONLY')).toBe('OK')
    expect(client.ask('GET', 'b')).toBe('kept')
  })

  it('serves keys again after a while when nothing has changed', () => {
    const nodes = new Nodes([['cluster-replica-no-failover', 'yes']])
    for (const { cluster } of nodes.all) cluster.me.hasNoFailover = true
    nodes.isolate('n0')
    nodes.until(() => !state(nodes, 'n0'))
    nodes.heal()
    const againMs = nodes.until(() => state(nodes, 'n0'))
    expect(againMs).toBeGreaterThanOrEqual(900)
    nodes.until(() => stateOfAll(nodes).every(Boolean))
  })

  it('keeps the others serving their own keys without full coverage', () => {
    const nodes = new Nodes([['cluster-require-full-coverage', 'no']])
    nodes.kill('n0')
    nodes.until(() => flagsOf(nodes, 'n2', 'n0') === 'master,fail')
    expect(nodes.node('n2').client.ask('SET', 'foo', 'v')).toBe('OK')
  })
})

describe('a primary that is paused', () => {
  it('says OK to what had arrived before it hears of its successor', () => {
    const nodes = new Nodes()
    const { client } = nodes.node('n0')
    nodes.node('n0').isPaused = true
    nodes.until(() => nodes.node('n3').cluster.me.isPrimary)
    expect(client.ask('SET', 'b', 'lost', 'NX')).toBe('OK')
    nodes.node('n0').isPaused = false
    nodes.deliver()
    nodes.pass(200)
    expect(client.ask('GET', 'b')).toBe('MOVED 3300 n3:6379')
  })
})

describe('CLUSTER FAILOVER', () => {
  it('hands over without loss, within moments', () => {
    const nodes = new Nodes()
    nodes.node('n0').client.ask('SET', 'b', 'v')
    expect(nodes.node('n0').client.ask('CLUSTER', 'FAILOVER')).toBe('ERR You should send CLUSTER FAILOVER to a replica')
    expect(nodes.node('n3').client.ask('CLUSTER', 'FAILOVER')).toBe('OK')
    nodes.deliver()
    expect(nodes.node('n3').client.ask('GET', 'b')).toBe('v')
    expect(nodes.node('n0').client.ask('GET', 'b')).toBe('MOVED 3300 n3:6379')
    expect((nodes.node('n0').client.ask('ROLE') as unknown[]).slice(0, 2)).toEqual(['slave', 'n3'])
  })

  it('holds writes back meanwhile, which are then told to move', () => {
    const nodes = new Nodes()
    nodes.isolate('n3')
    nodes.node('n3').client.ask('CLUSTER', 'FAILOVER')
    nodes.node('n0').cluster.failover.giveWay(nodes.node('n0').cluster.nodes.get(nodes.node('n3').cluster.me.id)!)
    const waiting = clientOf(nodes.node('n0').server)
    expect(waiting.ask('SET', 'b', 'v')).toBe(undefined)
    nodes.heal()
    expect(waiting.told()).toEqual(['MOVED 3300 n3:6379'])
  })

  it('by TAKEOVER asks nobody, and loses what the replica has not', () => {
    const nodes = new Nodes()
    nodes.isolate('n3')
    nodes.node('n0').client.ask('SET', 'b', 'lost')
    expect(nodes.node('n3').client.ask('CLUSTER', 'FAILOVER', 'TAKEOVER')).toBe('OK')
    expect(nodes.node('n3').client.ask('GET', 'b')).toBe(null)
    nodes.heal()
    nodes.pass(1000)
    expect(nodes.node('n0').client.ask('GET', 'b')).toBe('MOVED 3300 n3:6379')
  })

  it('by FORCE needs votes, and not its primary', () => {
    const nodes = new Nodes()
    nodes.kill('n0')
    nodes.pass(100)
    expect(nodes.node('n3').client.ask('CLUSTER', 'FAILOVER')).toBe(
      'ERR Master is down or failed, please use CLUSTER FAILOVER FORCE',
    )
    expect(nodes.node('n3').client.ask('CLUSTER', 'FAILOVER', 'FORCE')).toBe('OK')
    nodes.deliver()
    expect(nodes.node('n3').cluster.me.isPrimary).toBe(true)
    expect(nodes.node('n1').client.ask('GET', 'b')).toBe('MOVED 3300 n3:6379')
  })
})

describe('clients that wait', () => {
  it('for a key are sent away when its slot moves, and closed when the node becomes a replica', () => {
    const nodes = new Nodes()
    const { server, cluster } = nodes.node('n0')
    const waiting = clientOf(server)
    expect(waiting.ask('BLPOP', 'b', '0')).toBe(undefined)
    cluster.slots.give(keySlot('b'), cluster.nodes.get(nodes.node('n1').cluster.me.id)!)
    cluster.cron()
    expect(waiting.told()).toEqual(['MOVED 3300 n1:6379'])
    const other = clientOf(server)
    expect(other.ask('BLPOP', 'hello', '0')).toBe(undefined)
    nodes.node('n3').client.ask('CLUSTER', 'FAILOVER', 'TAKEOVER')
    nodes.deliver()
    expect(other.told()).toEqual([
      'UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)',
    ])
  })

  it('for a key are told when the cluster is down', () => {
    const nodes = new Nodes()
    const waiting = clientOf(nodes.node('n0').server)
    waiting.ask('BLPOP', 'b', '0')
    nodes.isolate('n0')
    nodes.until(() => !state(nodes, 'n0'))
    expect(waiting.told()).toEqual([DOWN])
  })
})

describe('messages to subscribers', () => {
  it('reach every node, and are counted where they were published', () => {
    const nodes = new Nodes()
    const listeners = ['n1', 'n4'].map((name) => clientOf(nodes.node(name).server))
    for (const listener of listeners) listener.ask('SUBSCRIBE', 'news')
    expect(nodes.node('n0').client.ask('PUBLISH', 'news', 'v')).toBe(0)
    nodes.deliver()
    for (const listener of listeners) expect(listener.told()).toEqual([['message', 'news', 'v']])
  })

  it('of a shard reach its primary and its replicas, and end when the slot moves', () => {
    const nodes = new Nodes()
    const [onPrimary, onReplica] = ['n0', 'n3'].map((name) => clientOf(nodes.node(name).server))
    onPrimary!.ask('SSUBSCRIBE', 'b')
    onReplica!.ask('SSUBSCRIBE', 'b')
    expect(nodes.node('n0').client.ask('SPUBLISH', 'b', 'v')).toBe(1)
    nodes.deliver()
    expect(onPrimary!.told()).toEqual([['smessage', 'b', 'v']])
    expect(onReplica!.told()).toEqual([['smessage', 'b', 'v']])
    nodes.node('n0').cluster.slots.give(keySlot('b'), null)
    expect(onPrimary!.told()).toEqual([['sunsubscribe', 'b', 0]])
  })
})

describe('nodes that know nobody', () => {
  it('meet, share what they know, and serve keys', () => {
    const nodes = new Nodes()
    for (const { client } of nodes.all) expect(client.ask('CLUSTER', 'RESET', 'HARD')).toBe('OK')
    expect(nodes.node('n0').cluster.nodes.size).toBe(1)
    expect(nodes.node('n0').client.ask('GET', 'b')).toBe('CLUSTERDOWN Hash slot not served')
    for (const name of ['n0', 'n1', 'n2']) {
      const { client, cluster } = nodes.node(name)
      const first = Number(name[1]) * 6000
      client.ask('CLUSTER', 'ADDSLOTSRANGE', String(first), String(Math.min(first + 5999, 16_383)))
      client.ask('CLUSTER', 'SET-CONFIG-EPOCH', String(Number(name[1]) + 1))
      // Addresses are IP addresses to CLUSTER MEET; here they have names.
      if (name !== 'n0') cluster.meet('n0', 6379, 16_379, true)
    }
    nodes.node('n3').cluster.meet('n0', 6379, 16_379, true)
    nodes.until(() => ['n0', 'n1', 'n2', 'n3'].every((name) => nodes.node(name).cluster.nodes.size === 4))
    nodes.node('n3').client.ask('CLUSTER', 'REPLICATE', String(nodes.node('n1').client.ask('CLUSTER', 'MYID')))
    nodes.until(() => ['n0', 'n1', 'n2', 'n3'].every((name) => state(nodes, name)))
    expect(nodes.node('n1').client.ask('SET', 'b', 'v')).toBe('MOVED 3300 n0:6379')
    expect(nodes.node('n0').client.ask('SET', 'b', 'v')).toBe('OK')
    expect(flagsOf(nodes, 'n2', 'n3')).toBe('slave')
  })

  it('take different epochs when they have the same', () => {
    const nodes = new Nodes()
    nodes.node('n0').cluster.me.configEpoch = 2
    nodes.pass(2000)
    const epochs = ['n0', 'n1', 'n2'].map((name) => nodes.node(name).cluster.me.configEpoch)
    expect(new Set(epochs).size).toBe(3)
  })

  it('are forgotten for a minute', () => {
    const nodes = new Nodes()
    const gone = nodes.node('n5').cluster.me.id
    expect(nodes.node('n0').client.ask('CLUSTER', 'FORGET', gone)).toBe('OK')
    nodes.pass(10_000)
    expect(nodes.node('n0').cluster.nodes.has(gone)).toBe(false)
    nodes.pass(60_000)
    expect(nodes.node('n0').cluster.nodes.has(gone)).toBe(true)
  })
})
