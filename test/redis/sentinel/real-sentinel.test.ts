/**
 * The Sentinel in memory beside redis-sentinel 7.0.15: the same answers, and one of three where the others are real, over real servers
 * and over servers in memory. In real time, with half a second until a primary counts as down.
 */
import { describe, expect, it } from 'vitest'
import { NodeClient } from '../replication/node-client.ts'
import {
  acquainted,
  ask,
  failOver,
  NEVER_DOWN_MS,
  realRedis,
  realSentinel,
  served,
  servedSentinel,
  settled,
} from './beside.ts'

const COMMANDS: readonly string[] = [
  'PING',
  'SET a 1',
  'SELECT 0',
  'CONFIG GET port',
  'QUIT',
  'MULTI',
  'ECHO a',
  'ROLE',
  'ROLE x',
  'HELLO 4',
  'INFO nothing',
  'PUBLISH a b',
  'PUBLISH __sentinel__:hello nonsense',
  'CLIENT SETINFO LIB-NAME x',
  'CLIENT GETNAME',
  'AUTH x',
  'ACL WHOAMI',
  'SENTINEL',
  'SENTINEL x',
  'SENTINEL master',
  'SENTINEL master none',
  'SENTINEL master mymaster x',
  'SENTINEL replicas none',
  'SENTINEL slaves none',
  'SENTINEL sentinels none',
  'SENTINEL get-master-addr-by-name none',
  'SENTINEL get-master-addr-by-name mymaster',
  'SENTINEL ckquorum none',
  'SENTINEL ckquorum mymaster',
  'SENTINEL failover none',
  'SENTINEL reset none*',
  'SENTINEL remove none',
  'SENTINEL monitor mymaster 127.0.0.1 1 1',
  'SENTINEL monitor other 127.0.0.1 1 0',
  'SENTINEL monitor other 127.0.0.1 1 x',
  'SENTINEL monitor other 127.0.0.1 x 1',
  'SENTINEL set none quorum 2',
  'SENTINEL set mymaster quorum x',
  'SENTINEL set mymaster nothing 2',
  'SENTINEL set mymaster quorum 2',
  'SENTINEL flushconfig',
  'SENTINEL pending-scripts',
  'SENTINEL is-master-down-by-addr 127.0.0.1 1 0 *',
  'SENTINEL is-master-down-by-addr 127.0.0.1 x 0 *',
  'SENTINEL is-master-down-by-addr 127.0.0.1 1 x *',
  'SENTINEL is-master-down-by-addr 127.0.0.1 1 0',
]

/** Behind SENTINEL DEBUG. */
const DEBUGGING = [
  '',
  'ping-period 500',
  'PING-PERIOD 250 info-period 3000',
  'ping-period x',
  'ping-period 0',
  'info-period -5',
  'ping-period',
  'publish-period 700 nope 1',
  'election-timeout 5000 tilt-period',
  'script-max-runtime 9',
  '',
]

/** After `SENTINEL CONFIG `; two blanks: an empty value. */
const CONFIGURING = [
  ...['', 'get', 'set', 'nope', 'nope x', 'get nope', 'get *', 'get a b', 'set x', 'set x 1', 'set loglevel debug'],
  ...['set resolve-hostnames maybe', 'set resolve-hostnames NO', 'set announce-hostnames no', 'GET RESOLVE*'],
  ...['set announce-port abc', 'set announce-port 65536', 'set announce-port -1', 'set announce-port 1.5'],
  ...['set announce-port 0', 'set Announce-Port 7000', 'get announce-*', 'set announce-port 1 announce-ip 2'],
  ...['set announce-ip 10.0.0.9', 'get announce-ip', 'set announce-ip ', 'get ANNOUNCE-IP', 'set announce-port 0'],
  ...['set sentinel-user u', 'set sentinel-pass p', 'get sent*', 'set sentinel-user ', 'set sentinel-pass ', 'get *'],
]

/** Fields whose values differ from one moment to the next, and from one Sentinel to the other. */
const OWN = /^(runid|name|port|last-|link-pending|info-refresh|role-reported-time|slave-repl-offset)/

/** The fields of an instance in their order, with the values that must be the same. */
const shapeOf = (fields: readonly string[]): readonly string[] =>
  fields.flatMap((name, at) => (at % 2 === 1 ? [] : OWN.test(name) ? [name] : [name, fields[at + 1] as string]))

describe('beside redis-sentinel', () => {
  it.each([
    ['DEBUG', DEBUGGING],
    ['CONFIG', CONFIGURING],
  ])(
    'answers SENTINEL %s the same, and what it changes',
    async (verb, lines) => {
      const primary = await realRedis()
      const ports = [
        await realSentinel(primary.port, NEVER_DOWN_MS),
        (await servedSentinel(primary.port, NEVER_DOWN_MS)).port,
      ]
      const [real, ours] = await Promise.all(
        ports.map(async (port) => {
          const client = await NodeClient.open(port)
          const answers: unknown[] = []
          for (const more of lines) {
            answers.push([more, await client.ask('SENTINEL', verb, ...(more === '' ? [] : more.split(' ')))])
          }
          client.close()
          return answers
        }),
      )
      expect(ours).toEqual(real)
    },
    60_000,
  )

  it('answers the same', async () => {
    const primary = await realRedis()
    await realRedis('--replicaof', '127.0.0.1', String(primary.port))
    const ports = [
      await realSentinel(primary.port, NEVER_DOWN_MS),
      (await servedSentinel(primary.port, NEVER_DOWN_MS)).port,
    ]
    for (const port of ports) await settled(port, '1')
    const [real, ours] = await Promise.all(
      ports.map(async (port) => {
        const client = await NodeClient.open(port)
        const answers: [string, unknown][] = []
        for (const command of COMMANDS) answers.push([command, await client.ask(...command.split(' '))])
        for (const what of ['master', 'replicas', 'sentinels']) {
          const told = (await client.ask('SENTINEL', what, 'mymaster')) as string[] | string[][]
          answers.push([what, (Array.isArray(told[0]) ? (told as string[][]) : [told as string[]]).map(shapeOf)])
        }
        const info = (await client.ask('INFO', 'sentinel')) as string
        answers.push(['info', info.replace(/:\d+,/, ':port,')])
        const hello = (await client.ask('HELLO', '2')) as unknown[]
        answers.push(['hello', hello.map((each) => (typeof each === 'number' ? 'number' : each))])
        client.close()
        return answers
      }),
    )
    expect(ours).toEqual(real)
  }, 120_000)
})

describe('one of three, the others real', () => {
  it('over real servers: it votes, and believes who was elected, or is elected and believed', async () => {
    const primary = await realRedis()
    const replica = await realRedis('--replicaof', '127.0.0.1', String(primary.port))
    const sentinels = [
      await realSentinel(primary.port),
      await realSentinel(primary.port),
      (await servedSentinel(primary.port)).port,
    ]
    await acquainted(sentinels)
    await ask(primary.port, 'SET', 'k', 'v')
    const events = await failOver(sentinels, () => primary.stop(), replica.port)
    const votes = events.map((each) => each.find((event) => event.startsWith('+vote-for-leader')))
    expect(new Set(votes).size).toBeLessThan(3)
    expect(events.flat().filter((event) => event.startsWith('+elected-leader'))).toHaveLength(1)
    expect(await ask(replica.port, 'SET', 'other', 'v')).toBe('OK')
    expect(await ask(replica.port, 'GET', 'k')).toBe('v')
  }, 120_000)

  it('over servers in memory: real ones promote them, too', async () => {
    const primary = await served({ follows: null }, 'primary')
    const replica = await served({ follows: { host: '127.0.0.1', port: primary.port } }, 'replica')
    const sentinels = [
      await realSentinel(primary.port),
      await realSentinel(primary.port),
      (await servedSentinel(primary.port)).port,
    ]
    await acquainted(sentinels)
    await ask(primary.port, 'SET', 'k', 'v')
    await failOver(sentinels, () => ask(primary.port, 'SHUTDOWN', 'NOSAVE'), replica.port)
    expect(await ask(replica.port, 'SET', 'other', 'v')).toBe('OK')
    expect(await ask(replica.port, 'GET', 'k')).toBe('v')
  }, 120_000)
})
