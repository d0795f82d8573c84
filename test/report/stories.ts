/**
 * Stories of the size and shape that real runs have: 100 to 300 records, a minute or a few milliseconds long.
 */
import type { Cell, Report, ReportedViolation, ReportMaterial } from '../../src/scenario/report.ts'
import { formatUs } from '../../src/sim/units.ts'
import type { Story } from '../../src/world/story-data.ts'
import { Telling } from '../picture/telling.ts'

/** A story with the violation it shows. */
export interface Fixture {
  readonly story: Story
  readonly violations: readonly ReportedViolation[]
}

const THREE_CLIENTS = {
  A: 'client',
  B: 'client',
  C: 'client',
  'redis-1': 'redis',
  storage: 'resource',
  faults: 'faults',
} as const

/**
 * A and B both read "nobody", both write themselves, both are in.
 *
 *   A  GET nil · · SET OK |----- holds ------|
 *   B   · GET nil · · SET OK |----- holds ------|
 */
export function naiveInterleaving(token = 'L1.bmFpdmU'): Fixture {
  const told = new Telling(96_400, THREE_CLIENTS)
  const getA = told.call('A', 'redis-1', 120, 'GET orders/42', 'nil')
  const getB = told.call('B', 'redis-1', 310, 'GET orders/42', 'nil')
  const setA = told.call('A', 'redis-1', getA.backUs, 'SET orders/42 A-1 PX 1000', 'OK')
  const setB = told.call('B', 'redis-1', Math.max(getB.backUs, setA.atUs - 100), 'SET orders/42 B-1 PX 1000', 'OK')
  told.operation('A', 'acquire', 120, setA.backUs, 'A-1')
  told.operation('B', 'acquire', 310, setB.backUs, 'B-1')
  told.grant('redis-1', 'A', 'A-1', setA.atUs, setB.atUs, 'overwritten', 'B')
  const doneA = increment(told, 'A', setA.backUs, 20_000, 0)
  const doneB = increment(told, 'B', setB.backUs, 20_000, 0)
  const delA = told.call('A', 'redis-1', doneA, 'DEL orders/42', '1')
  const delB = told.call('B', 'redis-1', doneB, 'DEL orders/42', '0')
  told.operation('A', 'release', doneA, delA.backUs, ['A-1', true])
  told.operation('B', 'release', doneB, delB.backUs, ['B-1', true])
  told.grant('redis-1', 'B', 'B-1', setB.atUs, delA.atUs, 'deleted', 'A')
  told.hold('A', setA.backUs, doneA)
  told.hold('B', setB.backUs, doneB)
  told.overlap(setB.backUs, doneA, ['A', 'B'])
  for (let atUs = 900; atUs < 24_000; atUs += 5_200) {
    const seen = told.call('C', 'redis-1', atUs, 'GET orders/42', 'A-1')
    told.operation('C', 'acquire', atUs, seen.backUs, 'C-1', 'fail')
  }
  const setC = told.call('C', 'redis-1', 31_000, 'SET orders/42 C-6 PX 1000', 'OK')
  told.operation('C', 'acquire', 30_100, setC.backUs, 'C-6')
  const doneC = increment(told, 'C', setC.backUs, 20_000, 1)
  const delC = told.call('C', 'redis-1', doneC, 'DEL orders/42', '1')
  told.grant('redis-1', 'C', 'C-6', setC.atUs, delC.atUs, 'deleted')
  told.hold('C', setC.backUs, doneC)
  return {
    story: told.story(token),
    violations: [
      {
        property: 'mutual-exclusion',
        kind: 'bug',
        weight: 'harm',
        cause: { kind: 'not-takeable' },
        told: { kind: 'not-takeable', forUs: 1_000 },
        needs: null,
        sentence: `A and B both held the lock for ${formatUs(doneA - setB.backUs)}`,
        why: "B overwrote A's key while it was live.",
        atUs: setB.backUs,
        untilUs: doneA,
        processes: ['A', 'B'],
        token,
      },
      {
        property: 'foreign-release',
        kind: 'bug',
        weight: 'harm',
        cause: { kind: 'not-takeable' },
        told: { kind: 'not-takeable', forUs: 1_000 },
        needs: null,
        sentence: `A deleted "orders/42" while it was B's`,
        why: "The command of A does not compare the key's token with its own.",
        atUs: delA.atUs,
        untilUs: delA.atUs,
        processes: ['B', 'A'],
        token,
      },
    ],
  }
}

/** Reads, works, writes one more; answers when the write was acknowledged. */
function increment(told: Telling, client: string, fromUs: number, workUs: number, value: number): number {
  const read = told.call(client, 'storage', fromUs, 'read', String(value))
  told.effect(client, read.atUs, 'read', value)
  told.operation(client, 'read', fromUs, read.backUs, [`${client}-1`, value])
  told.operation(client, 'work', read.backUs, read.backUs + workUs, `${client}-1`)
  const write = told.call(client, 'storage', read.backUs + workUs, `write ${value + 1}`, String(value + 1))
  told.effect(client, write.atUs, 'write', value + 1)
  told.operation(client, 'write', read.backUs + workUs, write.backUs, [`${client}-1`, value + 1])
  return write.backUs
}

/**
 * Kleppmann's story: A is paused for longer than its lease, between the check and the write.
 *
 *   A  |--acquire--|......pause 40 s......|write|      lease 30 s ends at 30 s, so
 *   B                     |--acquire--|write|          B is right and A's write is stale.
 */
export function gcPause(token = 'L1.Z2MtcGF1c2U'): Fixture {
  const told = new Telling(60_000_000, THREE_CLIENTS)
  const setA = told.call('A', 'redis-1', 210, 'SET orders/42 A-1 PX 30000 NX', 'OK')
  told.operation('A', 'acquire', 210, setA.backUs, 'A-1')
  told.polls('B', 'redis-1', 430, 30_000_000, 750_000)
  told.polls('C', 'redis-1', 780, 30_400_000, 900_000)
  const expiryUs = setA.atUs + 30_000_000
  told.grant('redis-1', 'A', 'A-1', setA.atUs, expiryUs, 'expired')
  const readA = told.call('A', 'storage', setA.backUs, 'read', '0')
  told.operation('A', 'read', setA.backUs, readA.backUs, ['A-1', 0])
  const pausedUs = readA.backUs + 20_000
  told.operation('A', 'work', readA.backUs, pausedUs, 'A-1')
  const resumedUs = pausedUs + 40_000_000
  told.fault('pause', ['A'], pausedUs, resumedUs, 'pause A for 40 s')
  const setB = told.call('B', 'redis-1', 30_000_430, 'SET orders/42 B-41 PX 30000 NX', 'OK')
  told.operation('B', 'acquire', 30_000_430, setB.backUs, 'B-41')
  const readB = told.call('B', 'storage', setB.backUs, 'read', '0')
  told.operation('B', 'read', setB.backUs, readB.backUs, ['B-41', 0])
  const writeB = told.call('B', 'storage', readB.backUs + 12_000_000, 'write 1', '1')
  told.effect('B', writeB.atUs, 'write', 1)
  told.operation('B', 'write', readB.backUs + 12_000_000, writeB.backUs, ['B-41', 1])
  const delB = told.call('B', 'redis-1', writeB.backUs, 'EVALSHA … 1 orders/42 B-41', '1')
  told.grant('redis-1', 'B', 'B-41', setB.atUs, delB.atUs, 'deleted')
  told.operation('B', 'release', writeB.backUs, delB.backUs, ['B-41', true])
  told.hold('B', setB.backUs, writeB.backUs)
  const writeA = told.call('A', 'storage', resumedUs, 'write 1', '1')
  told.effect('A', writeA.atUs, 'write', 1)
  told.operation('A', 'write', pausedUs, writeA.backUs, ['A-1', 1])
  const delA = told.call('A', 'redis-1', writeA.backUs, 'EVALSHA … 1 orders/42 A-1', '0')
  told.operation('A', 'release', writeA.backUs, delA.backUs, ['A-1', false])
  told.hold('A', setA.backUs, writeA.backUs)
  told.overlap(setB.backUs, writeA.backUs, ['A', 'B'])
  told.polls('C', 'redis-1', 31_300_780, 42_000_000, 900_000)
  const setC = told.call('C', 'redis-1', 42_300_000, 'SET orders/42 C-47 PX 30000 NX', 'OK')
  told.operation('C', 'acquire', 42_300_000, setC.backUs, 'C-47')
  const doneC = increment(told, 'C', setC.backUs, 20_000, 1)
  const delC = told.call('C', 'redis-1', doneC, 'EVALSHA … 1 orders/42 C-47', '1')
  told.grant('redis-1', 'C', 'C-47', setC.atUs, delC.atUs, 'deleted')
  told.hold('C', setC.backUs, doneC)
  return {
    story: told.story(token),
    violations: [
      {
        property: 'mutual-exclusion',
        kind: 'limit',
        weight: 'harm',
        cause: { kind: 'not-takeable' },
        told: { kind: 'not-takeable', forUs: 1_000 },
        needs: 'Needs fencing: no lock with a lease can prevent this by itself.',
        sentence: `A and B both held the lock for ${formatUs(writeA.backUs - setB.backUs)}`,
        why: "A's key reached its TTL of 30 s while A was paused, and A could not know.",
        atUs: setB.backUs,
        untilUs: writeA.backUs,
        processes: ['A', 'B'],
        token,
      },
      {
        property: 'stale-write',
        kind: 'limit',
        weight: 'harm',
        cause: { kind: 'not-takeable' },
        told: { kind: 'not-takeable', forUs: 1_000 },
        needs: 'Needs fencing: no lock with a lease can prevent this by itself.',
        sentence: `A wrote 1 although B had taken the lock ${formatUs(writeA.atUs - setB.atUs)} before`,
        why: "A's key reached its TTL of 30 s while A was paused, and A could not know.",
        atUs: writeA.atUs,
        untilUs: writeA.atUs,
        processes: ['A', 'B'],
        token,
      },
    ],
  }
}

/** A quorum lock over three nodes; A is cut off from two of them, its release is lost, its clock runs ahead. */
export function partition(token = 'L1.cGFydGl0aW9u'): Fixture {
  const nodes = ['redis-1', 'redis-2', 'redis-3']
  const told = new Telling(9_000_000, {
    A: 'client',
    B: 'client',
    C: 'client',
    'redis-1': 'redis',
    'redis-2': 'redis',
    'redis-3': 'redis',
    storage: 'resource',
    faults: 'faults',
  })
  told.fault('skew', ['A'], 0, 9_000_000, 'clock of A 2 s behind')
  const taken = nodes.map((node) => told.call('A', node, 300, 'SET orders/42 A-1 PX 2000 NX', 'OK'))
  const heldUs = Math.max(...taken.map(({ backUs }) => backUs))
  told.operation('A', 'acquire', 300, heldUs, 'A-1')
  for (const [index, node] of nodes.entries())
    told.grant(node, 'A', 'A-1', taken[index]!.atUs, taken[index]!.atUs + 2_000_000, 'expired')
  told.fault('partition', ['A', 'redis-1', 'redis-2'], 900_000, 6_900_000, 'partition A | redis-1 redis-2 for 6 s')
  for (let atUs = 1_000_000; atUs < 2_900_000; atUs += 600_000) {
    for (const node of nodes.slice(0, 2)) told.send('A', node, atUs, 'EVALSHA … 1 orders/42 A-1 2000', null)
    told.operation('A', 'extend', atUs, atUs + 200_000, ['A-1', 'timeout'], 'info')
  }
  told.polls('B', 'redis-2', 1_200, 1_900_000, 150_000)
  told.polls('C', 'redis-3', 2_100, 1_900_000, 170_000)
  const takenB = nodes.map((node) => told.call('B', node, 2_010_000, 'SET orders/42 B-14 PX 2000 NX', 'OK'))
  const heldByB = Math.max(...takenB.map(({ backUs }) => backUs))
  told.operation('B', 'acquire', 2_010_000, heldByB, 'B-14')
  for (const [index, node] of nodes.entries())
    told.grant(node, 'B', 'B-14', takenB[index]!.atUs, 3_000_000 + index * 150, 'deleted')
  const writeB = told.call('B', 'storage', 2_900_000, 'write 1', '1')
  told.effect('B', writeB.atUs, 'write', 1)
  told.hold('B', heldByB, 2_999_000)
  const writeA = told.call('A', 'storage', 3_300_000, 'write 1', 'refused')
  told.effect('A', writeA.atUs, 'refused', 1)
  told.operation('A', 'write', 3_300_000, writeA.backUs, ['A-1', 1], 'fail')
  told.hold('A', heldUs, 3_400_000, 'expired on its clock')
  told.overlap(heldByB, 2_999_000, ['A', 'B'])
  told.fault('crash', ['C'], 3_100_000, 4_100_000, 'crash C, restart after 1 s')
  told.fault('fault', ['A'], 3_000_500, 3_000_500, 'lose the reply to A')
  return {
    story: told.story(token),
    violations: [
      {
        property: 'mutual-exclusion',
        kind: 'bug',
        weight: 'harm',
        cause: { kind: 'not-takeable' },
        told: { kind: 'not-takeable', forUs: 1_000 },
        needs: null,
        sentence: `A and B both held the lock for ${formatUs(2_999_000 - heldByB)}`,
        why: 'A trusted its wall clock, which was 2 s behind: it believed in its lease 1.4 s longer than Redis had its token.',
        atUs: heldByB,
        untilUs: 2_999_000,
        processes: ['A', 'B'],
        token,
      },
      {
        property: 'overstated-lease',
        kind: 'bug',
        weight: 'untrue',
        cause: { kind: 'not-takeable' },
        told: { kind: 'not-takeable', forUs: 1_000 },
        needs: null,
        sentence: "A's lease said that it lasts 1.4 s longer than the key in Redis",
        why: 'The lease is computed from the wall clock, which can be wrong.',
        atUs: 2_000_700,
        untilUs: 3_400_000,
        processes: ['A'],
        token,
      },
    ],
  }
}

/** Two web servers load one session, each adds its own thing and writes all of it back. */
export function lostUpdate(token = 'L1.c2Vzc2lvbg'): Fixture {
  const told = new Telling(41_000, { A: 'client', B: 'client', 'redis-1': 'redis', faults: 'faults' }, 'session:f3a1')
  const login = told.call('A', 'redis-1', 150, 'SET session:f3a1 {"user":7} EX 10', 'OK')
  told.operation('A', 'login', 150, login.backUs, 'A-1')
  const load = (client: string, fromUs: number) => {
    const got = told.call(client, 'redis-1', fromUs, 'GET session:f3a1', '{"user":7}')
    told.operation(client, 'load', fromUs, got.backUs, [`${client}-2`, 'user'])
    return got.backUs
  }
  const save = (client: string, fromUs: number, thing: string) => {
    const set = told.call(client, 'redis-1', fromUs, `SET session:f3a1 {"user":7,"${thing}":1} EX 10`, 'OK')
    told.operation(client, 'add', fromUs - 9_000, set.backUs, [`${client}-2`, thing])
    return set
  }
  const loadedA = load('A', 2_000)
  const loadedB = load('B', 2_400)
  const savedA = save('A', loadedA + 10_000, 'book')
  const savedB = save('B', loadedB + 12_500, 'pen')
  told.grant('redis-1', 'A', 'user', login.atUs, savedA.atUs, 'overwritten')
  told.grant('redis-1', 'A', 'book user', savedA.atUs, savedB.atUs, 'overwritten')
  told.grant('redis-1', 'B', 'pen user', savedB.atUs, 41_000, 'end')
  const seen = told.call('A', 'redis-1', 30_000, 'GET session:f3a1', '{"user":7,"pen":1}')
  told.operation('A', 'look', 30_000, seen.backUs, ['A-3', 'pen user'])
  return {
    story: told.story(token),
    violations: [
      {
        property: 'session-lost-update',
        kind: 'bug',
        weight: 'harm',
        cause: { kind: 'not-takeable' },
        told: { kind: 'not-takeable', forUs: 1_000 },
        needs: null,
        sentence: 'the session lost "book", whose addition had been acknowledged to A',
        why: 'B wrote back the whole session as it had loaded it before the change of A.',
        atUs: savedA.backUs,
        untilUs: seen.backUs,
        processes: ['A', 'B'],
        token,
      },
    ],
  }
}

export const HOSTILE_LOCK = '<script>alert(1)</script>'
export const TRAVERSAL_LOCK = '../../etc/passwd'

/** Everything in it that comes from users tries to break out. */
export function hostile(token = 'L1."><img src=x onerror=alert(1)>'): Fixture {
  const name = '</text></svg><script>alert(2)</script>'
  const told = new Telling(2_000_000, {
    [name]: 'client',
    'B`|<b>': 'client',
    'redis-1': 'redis',
    storage: 'resource',
    faults: 'faults',
  })
  told.send(name, 'redis-1', 1_000, '<img src=x onerror=alert(3)>', 1_600)
  told.grant('redis-1', name, '"><script>alert(4)</script>', 1_600, 1_001_600, 'expired')
  told.hold(name, 2_200, 1_500_000)
  told.hold('B`|<b>', 1_002_000, 1_600_000)
  told.overlap(1_002_000, 1_500_000, [name, 'B`|<b>'])
  told.operation(name, '<i>op</i>', 1_000, 2_200, ['</td></tr></table><script>alert(5)</script>', null, true])
  told.record(1_700_000, name, 'note', 'uncaught', 'line 1\nline 2 \u001b[2J\u202e ```` ]]>')
  return {
    story: told.story(token),
    violations: [
      {
        property: 'mutual-exclusion',
        kind: 'bug',
        weight: 'harm',
        cause: { kind: 'not-takeable' },
        told: { kind: 'not-takeable', forUs: 1_000 },
        needs: null,
        sentence: `${name} and B\`|<b> both held "</p><script>alert(6)</script>" for 498 ms`,
        why: 'A why with ``` fences, a | pipe, <img src=x onerror=alert(7)> and \u001b[31mcolours\u0007.',
        atUs: 1_002_000,
        untilUs: 1_500_000,
        processes: [name, 'B`|<b>'],
        token,
      },
    ],
  }
}

type CellChanges = Partial<Cell> & Pick<Cell, 'scenario' | 'lock'>

/** A cell with the fields that most have. */
export function cell(changes: CellChanges): Cell {
  const { violations = [], scenario, lock } = changes
  const expected =
    changes.expected !== undefined
      ? changes.expected
      : violations.length > 0
        ? Object.fromEntries(violations.map(({ property, kind }) => [property, kind]))
        : (changes.verdict ?? 'valid') === 'violated'
          ? null
          : ((changes.verdict ?? 'valid') as 'valid' | 'unknown' | 'vacuous')
  return {
    client: 'ioredis',
    workload: 'counter',
    verdict: violations.length > 0 ? 'violated' : 'valid',
    detail: '',
    asExpected: true,
    worlds: 40,
    violatedWorlds: violations.length > 0 ? 12 : 0,
    historyHash: '00f1e2d3c4b5a697',
    violations,
    history: `${scenario}.${lock}.ndjson`,
    sometimes: ['a client wanted the lock (the session, the job) while another had it'],
    ...changes,
    expected,
  }
}

/** A report of these cells. */
export function report(cells: readonly Cell[]): Report {
  const count = (predicate: (one: Cell) => boolean): number => cells.filter(predicate).length
  return {
    schema: 'lockstorm/report@2',
    engine: '1',
    seed: '7301',
    redis: 'memory (Redis 7.2)',
    client: 'ioredis',
    deterministic: true,
    cells,
    totals: {
      cells: cells.length,
      asExpected: count((one) => one.asExpected),
      notAsExpected: count((one) => !one.asExpected),
      valid: count((one) => one.verdict === 'valid'),
      violated: count((one) => one.verdict === 'violated'),
      unknown: count((one) => one.verdict === 'unknown'),
      vacuous: count((one) => one.verdict === 'vacuous'),
      worlds: cells.reduce((sum, one) => sum + one.worlds, 0),
    },
  }
}

const SCENARIOS: ReportMaterial['scenarios'] = new Map([
  [
    'gc-pause',
    {
      title: 'A garbage collection pause just before the write',
      story:
        'A takes the lock, checks that it still holds it, and is stopped for 40 seconds before the write leaves. Its lease of 30 seconds ends meanwhile; B takes the lock and writes. Then the write of A arrives.\n\nNo lock with a lease can prevent this by itself: the storage must refuse the older fencing token.',
      faults: [{ en: 'pause A for 40 s (before A write)', zh: 'A 停顿 40 s（A write 之前）' }],
    },
  ],
  [
    'contention',
    { title: 'Three clients want one lock', story: 'Nothing goes wrong but that they all come at once.', faults: [] },
  ],
  [
    'partition',
    {
      title: 'The holder is cut off from the majority',
      story: 'A loses two of three nodes. It cannot prolong its lease, and its clock tells it that there is time left.',
      faults: [
        { en: 'clock of A 2 s behind (from the start)', zh: 'A 的时钟慢了 2 s（0 µs）' },
        {
          en: 'partition A | redis-1 redis-2 for 6 s (at 900 ms)',
          zh: '网络分区 A | redis-1 redis-2，持续 6 s（900 ms）',
        },
      ],
    },
  ],
  [
    'session-concurrent-requests',
    {
      title: 'Two requests of one user at the same time',
      story: 'Both load the session, both change it, both write it back.',
      faults: [],
    },
  ],
])

const SUBJECTS: ReportMaterial['subjects'] = new Map([
  ['naive', { title: 'GET, then SET', commands: 'GET k → SET k token PX ttl; DEL k' }],
  [
    'set-nx-lua',
    { title: 'SET NX, compare-and-delete in Lua', commands: 'SET k token PX ttl NX; EVAL compare-and-delete' },
  ],
  ['fenced', { title: 'SET NX with a fencing token', commands: 'EVAL set-if-absent and INCR fence' }],
  ['overwrite', { title: 'The whole session as one JSON', commands: 'GET id → SET id json EX ttl' }],
])

/** A small run: two locks and a session store, everything that a cell can be. */
export function smallMaterial(): ReportMaterial {
  const naive = naiveInterleaving()
  const pause = gcPause()
  const cut = partition()
  const session = lostUpdate()
  const evil = hostile()
  const cells = [
    cell({ scenario: 'contention', lock: 'naive', violations: naive.violations }),
    cell({ scenario: 'contention', lock: 'set-nx-lua' }),
    cell({ scenario: 'contention', lock: 'fenced' }),
    cell({
      scenario: 'contention',
      lock: HOSTILE_LOCK,
      violations: evil.violations,
      expected: null,
      violatedWorlds: 1,
    }),
    cell({
      scenario: 'gc-pause',
      lock: 'naive',
      verdict: 'unknown',
      detail: 'the history reached 100000 records',
      expected: 'valid',
      asExpected: false,
    }),
    cell({ scenario: 'gc-pause', lock: 'set-nx-lua', violations: pause.violations }),
    cell({ scenario: 'gc-pause', lock: 'fenced' }),
    cell({
      scenario: 'gc-pause',
      lock: TRAVERSAL_LOCK,
      verdict: 'vacuous',
      detail: 'it never happened that a client wanted the lock while another had it, nor that a key reached its TTL',
      sometimes: [],
    }),
    cell({
      scenario: 'partition',
      lock: 'set-nx-lua',
      violations: cut.violations,
      expected: 'valid',
      asExpected: false,
    }),
    cell({ scenario: 'partition', lock: 'fenced', expected: { hang: 'bug' }, asExpected: false }),
    cell({
      scenario: 'session-concurrent-requests',
      lock: 'overwrite',
      workload: 'cart',
      violations: session.violations,
    }),
    cell({ scenario: 'session-concurrent-requests', lock: 'optimistic', workload: 'cart' }),
  ]
  return {
    report: report(cells),
    scenarios: SCENARIOS,
    subjects: SUBJECTS,
    histories: new Map([
      ['contention/naive', naive.story],
      [`contention/${HOSTILE_LOCK}`, evil.story],
      ['gc-pause/set-nx-lua', pause.story],
      [`gc-pause/${TRAVERSAL_LOCK}`, lostUpdate().story],
      ['partition/set-nx-lua', cut.story],
      ['session-concurrent-requests/overwrite', session.story],
    ]),
  }
}

/** A run in which nothing was run. */
export function emptyMaterial(): ReportMaterial {
  return { report: report([]), scenarios: new Map(), subjects: new Map(), histories: new Map() }
}

/** As large as the bundled suite: 14 scenarios, 11 locks, 154 cells, about 60 of them violated, no two pictures alike. */
export function largeMaterial(): ReportMaterial {
  const locks = [
    'naive',
    'plain-set',
    'nx-plain-del',
    'setnx-expire',
    'set-nx-lua',
    'watchdog',
    'wall-deadline',
    'reentrant',
    'sorted-set',
    'quorum',
    'fenced',
  ]
  const scenarios = [
    'contention',
    'gc-pause',
    'partition',
    'slow-work',
    'drift',
    'crash-while-holding',
    'lost-reply-on-acquire',
    'delayed-release',
    'client-clock-ahead',
    'client-clock-behind',
    'redis-clock-step-forward',
    'reset-in-the-middle',
    'gc-pause-before-release',
    'partition-of-waiter',
  ]
  const cells: Cell[] = []
  const histories = new Map<string, Story>()
  let index = 0
  for (const scenario of scenarios) {
    for (const lock of locks) {
      index += 1
      const token = `L1.${String(index).padStart(4, '0')}bGFyZ2U`
      const isViolated = (index * 7) % 18 < 7 && lock !== 'fenced'
      const make = [naiveInterleaving, gcPause, partition][index % 3]!
      const { story, violations } = make(token)
      const later = uneven(story, index)
      histories.set(`${scenario}/${lock}`, stretched(story, later))
      const moved = violations.map((one) => ({ ...one, atUs: later(one.atUs), untilUs: later(one.untilUs) }))
      cells.push(cell({ scenario, lock, violations: isViolated ? moved : [] }))
    }
  }
  return { report: report(cells), scenarios: SCENARIOS, subjects: SUBJECTS, histories }
}

/** Stretches a story a little, unevenly, so that no picture repeats another. */
function uneven(story: Story, index: number): (us: number) => number {
  const step = Math.max(1, Math.floor(story.endUs / 7))
  return (us) => us + index * Math.ceil(step / 400) * Math.floor(us / step)
}

function stretched(story: Story, later: (us: number) => number): Story {
  const span = <T extends { readonly fromUs: number; readonly untilUs: number }>(one: T): T => ({
    ...one,
    fromUs: later(one.fromUs),
    untilUs: later(one.untilUs),
  })
  return {
    ...story,
    endUs: later(story.endUs),
    lanes: story.lanes.map((lane) => ({
      ...lane,
      bars: lane.bars.map(span),
      marks: lane.marks.map((mark) => ({ ...mark, atUs: later(mark.atUs) })),
    })),
    messages: story.messages.map((one) => ({ ...one, sentUs: later(one.sentUs), arrivedUs: later(one.arrivedUs) })),
    overlaps: story.overlaps.map(span),
    records: story.records.map((one) => ({ ...one, atUs: later(one.atUs) })),
  }
}
