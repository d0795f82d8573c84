/** The coordination service by itself, and worlds in which a lock asks it. */
import { describe, expect, it } from 'vitest'
import { basePlans, DEFAULT_PARAMETERS } from '../../src/explore/base-plan.ts'
import { defineLock } from '../../src/index.ts'
import { Keeper } from '../../src/keeper/keeper.ts'
import { ephemeralNode, ephemeralNodeZxid } from '../../src/lock/articles/ephemeral-node.ts'
import { setNxLua } from '../../src/lock/set-nx-lua.ts'
import { spaceTime } from '../../src/picture/space-time.ts'
import { svgFile } from '../../src/picture/svg-file.ts'
import { error } from '../../src/redis/reply.ts'
import { originFacts, originLine } from '../../src/report/origin.ts'
import { parseScenario } from '../../src/scenario/load.ts'
import { runSuite } from '../../src/scenario/run-suite.ts'
import { KeeperServer } from '../../src/server/keeper-server.ts'
import { inMacrotask } from '../../src/sim/node/drain.ts'
import { lockSubject } from '../../src/subject/subject.ts'
import { LANGUAGES } from '../../src/text/language.ts'
import { memoryProvider, nodeEnvironment } from '../../src/world/node/environment.ts'
import { planFor } from '../../src/world/plan.ts'

/** A counter behind a lock of which A holds for longer than its lease; what then comes. */
const scenario = (topology: string, fault: string): string => `
title: t
story: s
topology: ${topology}
workload:
  counter: { rounds: 1, work: 20ms, retry: 10ms }
clients: 2
head-start: 5ms
ttl: 1s
latency: 200us..900us
faults:
  - ${fault}
    at: A after acquire
subjects: named
`

describe('a coordination service', () => {
  it('keeps the nodes of a session for as long as it is heard of', () => {
    const keeper = new Keeper()
    const [a, b] = [keeper.open(100, 0), keeper.open(100, 0)]
    const first = keeper.create(a, 'lock', 'A')
    const second = keeper.create(b, 'lock', 'B')
    expect(second.zxid).toBeGreaterThan(first.zxid)
    expect(keeper.children('lock')).toEqual([first.name, second.name])
    keeper.hear(b.id, 60)
    expect(keeper.nextEndMs).toBe(101)
    keeper.expire(100)
    expect(keeper.first('lock', 100)).toEqual({ data: 'A', deadlineMs: 100 })
    keeper.expire(101)
    expect(keeper.first('lock', 101)).toEqual({ data: 'B', deadlineMs: 160 })
    expect([keeper.hear(a.id, 101), keeper.hear(b.id, 101)?.deadlineMs]).toEqual([null, 201])
  })

  it('answers a watch once, when its node is gone, by whatever it goes', () => {
    const keeper = new Keeper()
    const [a, b] = [keeper.open(100, 0), keeper.open(100, 0)]
    const heard: string[] = []
    const made = [keeper.create(a, 'lock', 'A'), keeper.create(a, 'lock', 'A'), keeper.create(b, 'lock', 'B')]
    for (const { name } of made) keeper.watch('lock', name, () => heard.push(name))
    const [deleted, closed, expired] = made.map(({ name }) => name)
    expect(keeper.delete('lock', deleted as string)).toBe(true)
    expect(keeper.delete('lock', deleted as string)).toBe(false)
    keeper.close(a)
    keeper.expire(101)
    keeper.watch('lock', 'never there', () => heard.push('none'))
    expect(heard).toEqual([deleted, closed, expired, 'none'])
  })

  it('gives everybody time when it starts again, and forgets watches with their connections', () => {
    const keeper = new Keeper()
    const session = keeper.open(100, 0)
    const { name } = keeper.create(session, 'lock', 'A')
    let isHeard = false
    keeper.watch('lock', name, () => {
      isHeard = true
    })
    keeper.restart(90)
    keeper.expire(190)
    expect(keeper.children('lock')).toEqual([name])
    keeper.expire(191)
    expect([keeper.children('lock'), isHeard]).toEqual([[], false])
  })
})

describe('the requests of a coordination service', () => {
  it.each([
    [['open', '0'], error('ERR the timeout of a session is whole ms')],
    [['get', 'k'], error("ERR unknown request 'get'")],
    [['toString', 'k'], error("ERR unknown request 'toString'")],
    [['ping', 's9'], error('SESSIONEXPIRED its session is over')],
    [['ping'], error('SESSIONEXPIRED its session is over')],
  ])('%j', (request, reply) => {
    const replies: unknown[] = []
    const server = new KeeperServer()
    server.connect({ onReply: (each) => replies.push(each) }).execute(request)
    expect(replies).toEqual([reply])
  })

  it('of a connection that is closed are answered no more', () => {
    const replies: unknown[] = []
    const server = new KeeperServer()
    const [one, other] = [server.connect({ onReply: (each) => replies.push(each) }), server.connect({})]
    one.execute(['OPEN', '100'])
    one.execute(['CREATE', 's1', 'lock', 'A'])
    one.execute(['WATCH', 's1', 'lock', 'n2'])
    one.close()
    other.execute(['CLOSE', 's1'])
    expect(replies).toEqual(['s1', ['n2', 2]])
  })
})

describe('a lock that asks a coordination service', () => {
  const [keeperLock, redisLock] = [lockSubject(ephemeralNodeZxid), lockSubject(setNxLua)]

  it('has one in a hunt, and no Redis', () => {
    const [plan] = basePlans(keeperLock, { ...DEFAULT_PARAMETERS, client: 'direct' })
    expect(plan?.topology).toEqual({ kind: 'keeper' })
    const topology = { kind: 'replicated', replicas: 1 } as const
    expect(() => basePlans(keeperLock, { ...DEFAULT_PARAMETERS, client: 'direct', topology })).toThrow(
      'ephemeral-node-zxid asks a coordination service, and has one whatever is said of a Redis',
    )
  })

  it('can have no other servers, and no other lock can have one', () => {
    const [plan] = basePlans(redisLock, { ...DEFAULT_PARAMETERS, client: 'direct' })
    if (plan === undefined) throw new Error('there is a plan')
    expect(() => planFor({ ...plan, topology: { kind: 'keeper' } }, redisLock)).toThrow(
      'set-nx-lua asks a Redis, and here is a coordination service in its place',
    )
    expect(() => planFor(plan, keeperLock)).toThrow(
      'ephemeral-node-zxid asks a coordination service, and there is none',
    )
  })

  it('counts sessions by a clock that nobody sets: what ends the lease of a key ends no session', async () => {
    const statuses: string[] = []
    for (const [lock, topology, node] of [
      [ephemeralNode, '{ kind: keeper }', 'keeper-1'],
      [setNxLua, '{ kind: replicated }', 'redis-1'],
    ] as const) {
      const yaml = scenario(topology, `clock-step: { process: ${node}, by: +5s }`)
      const { report } = await runSuite({
        scenarios: [parseScenario(`${yaml}expect: { ${lock.name}: valid }\n`, 'x.yaml')],
        ...{ subjects: [lockSubject(lock)], seed: '1', client: 'direct', inMacrotask },
        environment: nodeEnvironment('direct', memoryProvider()),
      })
      statuses.push(...report.cells.map(({ verdict }) => verdict))
    }
    expect(statuses).toEqual(['valid', 'violated'])
  })

  it('is called what it is, where a Redis would be called one', async () => {
    const yaml = `${scenario('{ kind: keeper }', 'pause: { process: A, for: 3s }')}expect: { ephemeral-node: valid }\n`
    const { report, histories } = await runSuite({
      scenarios: [parseScenario(yaml, 'x.yaml')],
      ...{ subjects: [lockSubject(ephemeralNode)], seed: '1', client: 'direct', inMacrotask },
      environment: nodeEnvironment('direct', memoryProvider()),
    })
    expect(originLine(report)).toContain('Service: in-memory coordination service')
    expect(originFacts(report)).toContainEqual(['Service', 'in-memory coordination service'])
    const [story] = histories.values()
    if (story === undefined) throw new Error('a cell has a story')
    expect(svgFile(story, [], 't')).toMatch(/^(?!.*Redis).*the service has its node/s)
    const drawn = LANGUAGES.map((language) => spaceTime(story, [], { arrowsMax: 10, language }))
    expect(drawn.map(({ kinds, legend }) => [kinds.has('truth'), legend.truth])).toEqual([
      [true, 'the service has its node'],
      [true, '协调服务中有它的节点'],
    ])
    for (const { body } of drawn) expect(body).not.toContain('Redis')
  })

  it('is refused faults of a Redis', () => {
    for (const fault of ['flush: { process: keeper-1 }', 'client-pause: { process: keeper-1, for: 1s }']) {
      const name = fault.slice(0, fault.indexOf(':'))
      expect(() => parseScenario(scenario('{ kind: keeper }', fault), 'x.yaml')).toThrow(
        `${name} is about a Redis, and here is a coordination service in its place`,
      )
    }
  })

  it.each([
    [{ service: 'zoo' }, `expected service to be 'keeper', got "zoo"`],
    [{ service: 'keeper', client: 'ioredis' }, 'ioredis speaks to a Redis, and it asks a coordination service'],
    [{ service: 'keeper', nodes: 3 }, 'there is one coordination service, and it asks for 3 nodes'],
  ] as const)('is refused %j', (settings, message) => {
    expect(() => defineLock({ ...ephemeralNode, ...(settings as object) })).toThrow(message)
  })
})
