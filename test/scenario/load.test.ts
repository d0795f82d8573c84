/** A scenario file becomes a plan; a wrong one becomes a list of all its mistakes, each with its line and column. */
import { describe, expect, it } from 'vitest'
import { FAULTS, faultKind } from '../../src/fault/registry.ts'
import { expectationFor } from '../../src/scenario/expectation.ts'
import { BUILT_IN, parseScenario, SCENARIO_LENGTH_MAX } from '../../src/scenario/load.ts'
import { writePlan } from '../../src/scenario/plan-file.ts'
import { UsageError } from '../../src/sim/usage-error.ts'

const GC = `# yaml-language-server: $schema=./scenario.schema.json
title: A garbage collection pause outlives the lease
story: >
  A takes the lock, computes, and stops for three seconds. Its lease ends after one.
teaches: [P22]
workload:
  counter: { rounds: 2, work: 20ms, retry: 10ms, check-fence: true }
clients: 2
nodes: 1
ttl: 1s
latency: 100us..400us
runs: 10
settle: 5s
faults:
  - pause: { process: A, for: 3s }
    at: A after acquire
expect:
  naive: { mutual-exclusion: bug, stale-write: bug }
  set-nx-lua: { mutual-exclusion: limit, stale-write: limit }
  fenced: valid
expect-direct:
  set-nx-lua: valid
`

/** The least that a scenario says. */
const least = (more = '', workload = '{ counter: {} }'): string =>
  `title: t\nstory: s\nworkload: ${workload}\nexpect: {}\n${more}`

/** The topology that a fault needs. */
const replicas = (fault: string): string => {
  const needs = faultKind(fault)?.needs
  if (needs === undefined) return ''
  return `topology: { kind: ${needs === 'sentinels' ? 'sentinel' : needs === 'a cluster' ? 'cluster' : 'replicated'}, replicas: 1 }\n`
}

/** What is thrown, word for word. */
function complaint(text: string, path = 'scenarios/gc.yaml'): string {
  try {
    parseScenario(text, path)
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError)
    return (error as UsageError).message
  }
  throw new Error(`nothing is wrong with it: ${text}`)
}

describe('a scenario that is right', () => {
  it('becomes a plan in the units of the simulation', () => {
    const scenario = parseScenario(GC, 'scenarios/gc.yaml')
    const { name, path, title, story, teaches, runs } = scenario
    expect({ name, path, title, story, teaches, runs }).toMatchInlineSnapshot(`
      {
        "name": "gc",
        "path": "scenarios/gc.yaml",
        "runs": 10,
        "story": "A takes the lock, computes, and stops for three seconds. Its lease ends after one.",
        "teaches": [
          "P22",
        ],
        "title": "A garbage collection pause outlives the lease",
      }
    `)
    expect(scenario.plan('7301', 'ioredis')).toMatchInlineSnapshot(`
      {
        "client": "ioredis",
        "clients": 2,
        "faults": [
          {
            "at": {
              "count": 1,
              "kind": "event",
              "op": "acquire",
              "process": "A",
              "when": "after",
            },
            "kind": "pause",
            "settings": {
              "for": 3000000,
              "process": "A",
            },
          },
        ],
        "headStartUs": 0,
        "latency": {
          "maxUs": 400,
          "minUs": 100,
        },
        "scenario": "gc",
        "seed": "7301",
        "settleUs": 5000000,
        "topology": {
          "kind": "single",
        },
        "ttlMs": 1000,
        "workload": {
          "checkFence": true,
          "kind": "counter",
          "retryUs": 10000,
          "rounds": 2,
          "workUs": 20000,
        },
      }
    `)
  })

  it('expects what it says, and something else of the direct client where it says so', () => {
    const scenario = parseScenario(GC, 'gc.yaml')
    expect(expectationFor(scenario, 'naive', 'direct')).toEqual({
      'mutual-exclusion': 'bug',
      'stale-write': 'bug',
    })
    expect(expectationFor(scenario, 'set-nx-lua', 'direct')).toBe('valid')
    expect(expectationFor(scenario, 'set-nx-lua', 'ioredis')).toEqual({
      'mutual-exclusion': 'limit',
      'stale-write': 'limit',
    })
    expect(expectationFor(scenario, 'a lock of the user', 'ioredis')).toBeNull()
  })

  it('says what is certain, and what may come besides', () => {
    const text = least().replace('expect: {}', 'expect: { naive: { dead-lock: bug, may: { hang: bug } } }')
    expect(parseScenario(text, 'x.yaml').expect.get('naive')).toEqual({
      'dead-lock': 'bug',
      may: { hang: 'bug' },
    })
  })

  it('has defaults for all that can be left out', () => {
    expect(parseScenario(least(), 'x.yaml').plan('1', 'direct')).toMatchInlineSnapshot(`
      {
        "client": "direct",
        "clients": 3,
        "faults": [],
        "headStartUs": 0,
        "latency": {
          "maxUs": 900,
          "minUs": 200,
        },
        "scenario": "x",
        "seed": "1",
        "settleUs": 3000000,
        "topology": {
          "kind": "single",
        },
        "ttlMs": 1000,
        "workload": {
          "checkFence": false,
          "kind": "counter",
          "retryUs": 10000,
          "rounds": 2,
          "workUs": 20000,
        },
      }
    `)
    expect(parseScenario(least('', '{ cart: {} }'), 'x.yaml').plan('1', 'direct').workload).toEqual({
      kind: 'cart',
      requests: 3,
      workUs: 20_000,
      logout: false,
    })
    expect(parseScenario(least('ttl: 1500ms\n'), 'x.yaml').plan('1', 'direct').settleUs).toBe(4_500_000)
  })

  it('takes every kind of anchor', () => {
    const anchors = [
      '120ms',
      'A after acquire',
      'B before release 2',
      'A before send 3',
      'redis-1 before exec 7',
      'storage before answer',
    ]
    const faults = anchors.map((at) => `  - crash: { process: C }\n    at: ${at}\n`).join('')
    expect(
      parseScenario(least(`faults:\n${faults}`), 'x.yaml')
        .plan('1', 'direct')
        .faults.map(({ at }) => at),
    ).toEqual([
      { kind: 'time', atUs: 120_000 },
      { kind: 'event', process: 'A', when: 'after', op: 'acquire', count: 1 },
      { kind: 'event', process: 'B', when: 'before', op: 'release', count: 2 },
      { kind: 'site', process: 'A', site: 'send', count: 3 },
      { kind: 'site', process: 'redis-1', site: 'exec', count: 7 },
      { kind: 'site', process: 'storage', site: 'answer', count: 1 },
    ])
  })

  it.each(FAULTS.map((kind) => [kind.name, kind.example] as const))(
    'takes the example of the fault %s',
    (name, example) => {
      const text = least(`${replicas(name)}faults:\n  - ${example}\n    at: 1s\n`)
      const { faults } = parseScenario(text, 'x.yaml').plan('1', 'direct')
      expect(faults.map(({ kind }) => kind)).toEqual([name])
    },
  )

  it('may be written with anchors and aliases of YAML', () => {
    const { faults } = parseScenario(
      least('faults:\n  - pause: &long { process: A, for: 3s }\n    at: 1s\n  - pause: *long\n    at: 9s\n'),
      'x.yaml',
    ).plan('1', 'direct')
    expect(faults[1]?.settings).toEqual({ process: 'A', for: 3_000_000 })
  })

  it('may name subjects of the user when they are known', () => {
    const subjects = { ...BUILT_IN.subjects, lock: [...BUILT_IN.subjects.lock, 'mine'] }
    const text = least().replace('expect: {}', 'expect: { mine: valid }')
    expect(parseScenario(text, 'x.yaml', { ...BUILT_IN, subjects }).expect.get('mine')).toBe('valid')
  })
})

describe('a scenario that is wrong', () => {
  it('gets the line and column of the value, and an example', () => {
    expect(complaint(least('faults:\n  - pause: { process: A, for: 2 seconds }\n    at: 1s\n'))).toBe(
      'scenarios/gc.yaml:6:31 faults.0.pause.for: expected a duration such as 2s, got "2 seconds"',
    )
  })

  it('gets all its mistakes at once, in the order of the file', () => {
    expect(
      complaint(`title: 7
storey: typo
workload:
  counter: { rounds: 0, work: 20, chek-fence: 1 }
clients: 2
ttl: 1500us
latency: 4ms..1ms
runs: many
faults:
  - pause: { process: A, for: 2 seconds }
    at: A after acquire
  - particion: { groups: [[A], [redis-1]], for: 1s }
    at: C before acquire
  - partition: { groups: [[A], [redis-2]], for: 1s }
    crash: { process: B }
    at: A after send 3
  - at: 2s
  - pause: 3
  - restart: { process: storage, after: 1s, keep-data: maybe }
    at: redis-1 before send 3
  - nothing
expect:
  naiv: valid
  naive: vald
  set-nx-lua: { mutual-exclusio: bug, stale-write: bycontract }
  fenced: {}
  optimistic: valid
expect-direct: valid
`),
    ).toMatchInlineSnapshot(`
      "scenarios/gc.yaml:1:1 story: missing, expected a story: what happens, for the reader
      scenarios/gc.yaml:1:8 title: expected a title in one line, got 7
      scenarios/gc.yaml:2:1 storey: unknown key "storey" (did you mean "story"?)
      scenarios/gc.yaml:4:22 workload.counter.rounds: expected a whole number from 1 to 1000, got 0
      scenarios/gc.yaml:4:31 workload.counter.work: expected a duration such as 20ms, or 0s, got 20
      scenarios/gc.yaml:4:35 workload.counter.chek-fence: unknown key "chek-fence" (did you mean "check-fence"?)
      scenarios/gc.yaml:6:6 ttl: expected whole milliseconds, such as 1s or 1500ms
      scenarios/gc.yaml:7:10 latency: expected a range of durations such as 100us..400us, got "4ms..1ms"
      scenarios/gc.yaml:8:7 runs: expected a whole number from 1 to 100000, got "many"
      scenarios/gc.yaml:10:31 faults.0.pause.for: expected a duration such as 2s, got "2 seconds"
      scenarios/gc.yaml:12:5 faults.1.particion: unknown key "particion" (did you mean "partition"?)
      scenarios/gc.yaml:13:9 faults.1.at: unknown process "C" (there is A, B, redis-1, storage)
      scenarios/gc.yaml:14:33 faults.2.partition.groups.1.0: unknown process "redis-2" (there is A, B, redis-1, storage)
      scenarios/gc.yaml:15:5 faults.2.crash: expected one kind of fault, got partition and crash
      scenarios/gc.yaml:16:9 faults.2.at: expected "before", for messages have no "after", got "A after send 3" (did you mean "A before send 3"?)
      scenarios/gc.yaml:17:5 faults.3: missing, expected a kind of fault: pause, slow-work, crash, restart, half-open, clock-step, clock-offset, clock-rate, delay-request, delay-reply, lose-reply, reset, refuse, black-hole, partition, script-flush, flush, evict, client-pause, oom, read-only, misconf, loading, busy, slow-start, wrong-password, missing-right, failover, promote, replication-lag, sentinel-failover, manual-failover, migrate-slot
      scenarios/gc.yaml:18:5 faults.4.at: missing, expected a time such as 120ms, or a moment such as "A after acquire" or "A before send 3"
      scenarios/gc.yaml:18:12 faults.4.pause: expected a mapping of keys to values, got 3
      scenarios/gc.yaml:19:56 faults.5.restart.keep-data: expected true or false, got "maybe"
      scenarios/gc.yaml:20:9 faults.5.at: expected a client before "send": redis-1 is a server, it has exec and answer
      … and 8 more"
    `)
  })

  it('is asked for sense in what may come', () => {
    const of = (verdict: string): string => complaint(least().replace('expect: {}', `expect: { naive: ${verdict} }`))
    expect(of('{ may: {} }')).toMatchInlineSnapshot(
      `"scenarios/gc.yaml:4:25 expect.naive.may: expected at least one property"`,
    )
    expect(of('{ hang: bug, may: { hang: bug } }')).toMatchInlineSnapshot(
      `"scenarios/gc.yaml:4:38 expect.naive.may.hang: hang is expected already: it stands here only with another kind"`,
    )
    expect(of('{ may: { hangs: bug } }')).toMatchInlineSnapshot(
      `"scenarios/gc.yaml:4:27 expect.naive.may.hangs: unknown key "hangs" (did you mean "hang"?)"`,
    )
    expect(of('{ may: valid }')).toMatchInlineSnapshot(
      `"scenarios/gc.yaml:4:25 expect.naive.may: expected a mapping of keys to values, got "valid""`,
    )
  })

  it.each<[string, string]>([
    ['an empty file', ''],
    ['a file of comments', '# nothing\n'],
    ['a text', 'hello'],
    ['a list', '- a\n'],
    ['a mapping with nothing in it', '{}'],
    ['a broken list', 'title: [a\nstory: b\n'],
    ['a text that does not end', 'title: "x\n'],
    ['a tab', 'title: x\nworkload:\n\tcounter: {}\n'],
    ['a second colon', 'title: pause: the story\n'],
    ['crooked indentation', 'title: x\nworkload:\n    counter: {}\n  cart: {}\n'],
    ['the same key twice', `${least()}title: again\n`],
    ['two documents', `${least()}---\n${least()}`],
    ['a tag', 'title: !!js/function "() => 1"\n'],
    ['a binary tag under YAML 1.1', '%YAML 1.1\n---\ntitle: !!binary aGk=\n'],
    ['a key that is a list', '? [a]\n: 1\n'],
    ['an alias to nothing', 'title: *nothing\n'],
    ['an alias that contains itself', 'title: x\nfaults: &all [*all]\n'],
    ['a key that is the prototype', least('__proto__: { polluted: yes }\n')],
    ['a merge key', least('<<: { clients: 2 }\n')],
    ['two workloads', least('', '{ counter: {}, cart: {} }')],
    ['no workload', least('', '{}')],
    ['an unknown workload', least('', '{ countr: {} }')],
    ['a workload that is a word', least('', 'counter')],
    ['too many clients', least('clients: 5000000000\n')],
    ['half a client', least('clients: 1.5\n')],
    ['an operation that does not happen', least('faults: [{ crash: { process: A }, at: A before login }]\n')],
    ['a misspelt operation', least('faults: [{ crash: { process: A }, at: A before aquire }]\n')],
    ['an operation of a server', least('faults: [{ crash: { process: A }, at: redis-1 before acquire }]\n')],
    ['an exec of a client', least('faults: [{ crash: { process: A }, at: A before exec }]\n')],
    ['an answer of a client', least('faults: [{ crash: { process: A }, at: A before answer }]\n')],
    ['an anchor of too many words', least('faults: [{ crash: { process: A }, at: A before send 3 4 }]\n')],
    ['a count of none', least('faults: [{ crash: { process: A }, at: A before send 0 }]\n')],
    ['persistence that is none', least('persistence: aof\n')],
    ['save points that are none', least('persistence: { rdb: often }\n')],
    ['a version of Redis that is none of ours', least('redis-version: 8.5\n')],
    [
      'what a restart keeps, said twice',
      least('persistence: rdb\nfaults: [{ restart: { process: redis-1, after: 1s, keep-data: true }, at: 1s }]\n'),
    ],
    ['a storage without a counter', least('faults: [{ crash: { process: storage }, at: 1s }]\n', '{ cart: {} }')],
    ['a lock in a cart', `title: t\nstory: s\nworkload: { cart: {} }\nexpect: { naive: valid }\n`],
    [
      'a verdict that is a number',
      least().replace('{}\n', '{ naive: 1 }\n').replace('{ counter: { naive: 1 } }', '{ counter: {} }'),
    ],
    ['blank words', least().replace('title: t', 'title: "  "')],
  ])('says what is wrong with %s', (_, text) => {
    expect(complaint(text)).toMatchSnapshot()
  })

  it.each<[string, string]>([
    [
      'slow-work: { process: redis-1, by: 2s }',
      'slow-work.process: expected a client (A, B, C): slow-work does nothing to redis-1',
    ],
    [
      'slow-work: { process: storage, by: 2s }',
      'slow-work.process: expected a client (A, B, C): slow-work does nothing to storage',
    ],
    [
      'delay-request: { process: redis-1, for: 2s }',
      'delay-request.process: expected a client (A, B, C): delay-request does nothing to redis-1',
    ],
    [
      'delay-reply: { process: storage, for: 2s }',
      'delay-reply.process: expected a client (A, B, C): delay-reply does nothing to storage',
    ],
    [
      'lose-reply: { process: redis-1 }',
      'lose-reply.process: expected a client (A, B, C): lose-reply does nothing to redis-1',
    ],
    [
      'refuse: { process: A, for: 1s }',
      'refuse.process: expected a Redis node or the storage (redis-1, storage): refuse does nothing to A',
    ],
    [
      'clock-step: { process: storage, by: +1s }',
      'clock-step.process: expected a client or a Redis node (A, B, C, redis-1): clock-step does nothing to storage',
    ],
    [
      'script-flush: { process: A }',
      'script-flush.process: expected a Redis node (redis-1): script-flush does nothing to A',
    ],
    ['oom: { process: storage, for: 1s }', 'oom.process: expected a Redis node (redis-1): oom does nothing to storage'],
  ])('refuses %s, which would do nothing', (fault, message) => {
    const column = `faults: [{ ${fault.slice(0, fault.indexOf('process: ') + 'process: '.length)}`.length + 1
    expect(complaint(least(`faults: [{ ${fault}, at: 1s }]\n`))).toBe(
      `scenarios/gc.yaml:5:${column} faults.0.${message}`,
    )
  })

  it('lets every fault be aimed at each kind of process that it does something to', () => {
    for (const { name, example, roles } of FAULTS) {
      const fault = example.replace(/(process|from): \S+?(?=[,\s])/, (_, key: string) => `${key}: NAME`)
      if (!fault.includes('NAME')) continue
      for (const role of roles) {
        const target = { client: 'A', redis: 'redis-1', sentinel: 'sentinel-1', storage: 'storage' }[role]
        const servers = role === 'sentinel' ? 'topology: { kind: sentinel }\n' : replicas(name)
        const text = least(`${servers}faults: [{ ${fault.replace('NAME', target)}, at: 1s }]\n`)
        expect(
          parseScenario(text, 'x.yaml')
            .plan('', 'direct')
            .faults.map(({ kind }) => kind),
        ).toEqual([name])
      }
    }
  })

  it('refuses a fault that is about replicas where there are none', () => {
    expect(complaint(least('nodes: 2\nfaults: [{ promote: { process: redis-2, for: 1s }, at: 1s }]\n'))).toBe(
      'scenarios/gc.yaml:6:12 faults.0.promote: promote is about replicas, and there are none: say topology: { kind: replicated, replicas: 1 }',
    )
  })

  it('reads a topology, and refuses another kind of one', () => {
    const text = 'topology: { kind: replicated, replicas: 2, min-replicas-to-write: 1 }\n'
    expect(parseScenario(least(text), 'x.yaml').plan('', 'direct').topology).toEqual({
      kind: 'replicated',
      replicas: 2,
      minReplicasToWrite: 1,
    })
    expect(
      parseScenario(least('topology: { kind: cluster, node-timeout: 500ms }\n'), 'x.yaml').plan('', 'direct').topology,
    ).toEqual({
      kind: 'cluster',
      primaries: 3,
      replicas: 1,
      nodeTimeoutMs: 500,
    })
    expect(complaint(least('topology: { kind: ring }\n'))).toBe(
      'scenarios/gc.yaml:5:19 topology.kind: expected independent, replicated, sentinel, cluster or keeper, got "ring"',
    )
    for (const [text, topology] of [
      ['{ kind: sentinel }', { replicas: 2, sentinels: 3, quorum: 2, downAfterMs: 1_000, failoverTimeoutMs: 10_000 }],
      [
        '{ kind: sentinel, quorum: 1, down-after: 300ms, replica-priorities: [0, 50], name: orders }',
        { quorum: 1, downAfterMs: 300, replicaPriorities: [0, 50], name: 'orders' },
      ],
    ] as const) {
      const plan = parseScenario(least(`topology: ${text}\n`), 'x.yaml').plan('', 'direct')
      expect(plan.topology).toMatchObject({ kind: 'sentinel', ...topology })
      const written = JSON.stringify({ title: 't', story: 's', ...writePlan(plan) })
      expect(parseScenario(written, 'x.yaml').plan('', 'direct').topology).toEqual(plan.topology)
    }
    expect(complaint(least('faults: [{ sentinel-failover: { process: redis-1 }, at: 1s }]\n'))).toContain(
      'sentinel-failover is about Sentinels, and there are none',
    )
    expect(
      complaint(least('topology: { kind: sentinel }\nfaults: [{ promote: { process: redis-2, for: 1s }, at: 1s }]\n')),
    ).toContain('promote is what an operator does')
  })

  it('does not read a text without end', () => {
    expect(complaint(`title: ${'x'.repeat(SCENARIO_LENGTH_MAX)}\n`)).toBe(
      'scenarios/gc.yaml: expected at most 1000000 characters, got 1000008',
    )
  })

  it('does not grow with aliases of aliases', () => {
    // Ten to the sixth copies of one text in half a kilobyte.
    const levels = Array.from({ length: 6 }, (_, level) => {
      const item = level === 0 ? 'lol' : `*l${level - 1}`
      return `l${level}: &l${level} [${Array(10).fill(item).join(', ')}]\n`
    })
    expect(complaint(levels.join(''))).toBe('scenarios/gc.yaml:1:1: aliases repeat too much: write the values out')
  })

  it('does not fall over deep nesting', () => {
    for (const deep of ['[', '{a: ', '- ', '? ', '[\n', 'a: - ']) {
      expect(complaint(`title: ${deep.repeat(100_000)}`), deep).toMatch(
        /^scenarios\/gc\.yaml:\d+:\d+: nested too deeply$/,
      )
    }
    const indented = (depth: number) => Array.from({ length: depth }, (_, level) => `${' '.repeat(level)}k:\n`).join('')
    expect(complaint(indented(1_400))).toMatch(/nested too deeply$/)
    expect(complaint(indented(100))).toContain('scenarios/gc.yaml:1:1 k: unknown key "k"')
  })

  it('stops counting out mistakes at twenty', () => {
    const lines = complaint(least(`faults:\n${'  - nothing\n'.repeat(30)}`)).split('\n')
    expect(lines).toHaveLength(21)
    expect(lines[20]).toBe('… and 10 more')
  })

  it.each(['.yaml', 'my scenario.yaml', 'gc.yml', 'gc', '../..'])('wants a name that can be a name: %s', (path) => {
    expect(complaint(least(), path)).toMatchSnapshot()
  })

  it('leaves nothing behind in the prototype of all objects', () => {
    complaint(least('__proto__: { polluted: 1 }\nconstructor: { prototype: { polluted: 1 } }\n'))
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })
})
