/**
 * Passwords and users of Sentinels and of what they look after, beside redis-sentinel 7.0.15: the same refusals, and ours and real ones
 * let each other in.
 */
import { describe, expect, it } from 'vitest'
import { NodeClient } from '../replication/node-client.ts'
import {
  acquainted,
  ask,
  askAs,
  failOver,
  type Login,
  listen,
  NEVER_DOWN_MS,
  realRedis,
  realSentinel,
  served,
  servedSentinel,
  told,
  WAIT,
} from './beside.ts'

/** Without having logged in. */
const STRANGER: readonly string[] = [
  'PING',
  'INFO',
  'ROLE',
  'HELLO 3',
  'AUTH',
  'AUTH wrong',
  'AUTH default wrong',
  'AUTH a b c',
  'SUBSCRIBE a',
  'CLIENT ID',
  'COMMAND COUNT',
  'ACL WHOAMI',
  'GET a',
  'QUIT',
  'RESET',
  'SENTINEL masters',
  'SENTINEL get-master-addr-by-name mymaster',
  'SENTINEL nothing',
  'PUBLISH __sentinel__:hello a',
  'HELLO 2 AUTH default wrong',
  'AUTH hello',
  'ACL WHOAMI',
]

/** By one that may do everything. */
const OWNER: readonly string[] = [
  'ACL LIST',
  'ACL SETUSER a on >x +get',
  'ACL SETUSER a on >x +sentinel',
  'ACL SETUSER a +sentinel|masters',
  'ACL SETUSER a +sentinel|nothing',
  'ACL SETUSER a +config|get',
  'ACL SETUSER a +@all -@dangerous',
  'ACL LIST',
  'ACL CAT',
  'ACL CAT keyspace',
  'ACL CAT sentinel',
  'ACL GETUSER a',
  'ACL SAVE',
  'ACL LOAD',
  'ACL DRYRUN a ping',
  'ACL DRYRUN a get x',
  'ACL DRYRUN a sentinel masters',
  'ACL SETUSER c +@read',
  'ACL SETUSER c on nopass +@all -sentinel|masters',
  'ACL GETUSER c',
  'ACL SETUSER b on >p &chan +ping +subscribe +psubscribe +sentinel|get-master-addr-by-name',
  'ACL GETUSER b',
  'ACL USERS',
  'AUTH b p',
]

/** By one that may do little. */
const GUEST: readonly string[] = [
  'PING',
  'ACL WHOAMI',
  'INFO',
  'ROLE',
  'SENTINEL masters',
  'SENTINEL get-master-addr-by-name none',
  'SENTINEL set mymaster quorum 1',
  'PUBLISH __sentinel__:hello a',
  'SUBSCRIBE other',
  'PSUBSCRIBE *',
  'AUTH default hello',
  'ACL DELUSER a b',
  'ACL LIST',
  'ACL SETUSER default off',
]

const CATEGORIES = ['dangerous', 'admin', 'slow', 'fast', 'connection', 'pubsub', 'blocking']

/** The single commands of a rule come in the order of a table whose order is another one in each redis-sentinel. */
const unordered = (answer: unknown): unknown =>
  Array.isArray(answer)
    ? answer.map(unordered)
    : typeof answer === 'string' && answer.startsWith('-@all ')
      ? answer.split(' ').toSorted()
      : answer

const PASSWORD = [['requirepass', 'hello']] as const

describe('who is let in', () => {
  it('is answered as by redis-sentinel', async () => {
    const primary = await realRedis()
    const ports = [
      await realSentinel(primary.port, NEVER_DOWN_MS, ['requirepass hello']),
      (await servedSentinel(primary.port, NEVER_DOWN_MS, {}, PASSWORD)).port,
    ]
    const [real, ours] = await Promise.all(
      ports.map(async (port) => {
        const client = await NodeClient.open(port)
        const answers: unknown[] = []
        const say = async (command: string): Promise<unknown> => client.ask(...command.split(' '))
        for (const command of [...STRANGER, ...OWNER, ...GUEST]) answers.push([command, unordered(await say(command))])
        for (const category of CATEGORIES) {
          answers.push([category, ((await say(`ACL CAT ${category}`)) as string[]).toSorted()])
        }
        client.close()
        answers.push(['when the default user is off', await ask(port, 'PING'), await ask(port, 'AUTH', 'hello')])
        return answers
      }),
    )
    expect(ours).toEqual(real)
  }, 60_000)

  it('can be changed by SENTINEL SET, which shows no password', async () => {
    const primary = await realRedis('--requirepass', 'secret')
    await askAs(primary.port, ['secret'], 'ACL', 'SETUSER', 'watcher', 'on', '>other', '+@all', 'allchannels')
    const ports = [await realSentinel(primary.port, 1500), (await servedSentinel(primary.port, 1500)).port]
    const events = await Promise.all(ports.map((port) => listen(port)))
    const seen = async (each: number): Promise<unknown> => told(each, null, 'master', 'flags')
    const all = async (flags: RegExp): Promise<void> => {
      for (const port of ports) await expect.poll(() => seen(port), WAIT).toMatch(flags)
    }
    const set = async (...pairs: string[]): Promise<void> => {
      for (const port of ports) expect(await ask(port, 'SENTINEL', 'SET', 'mymaster', ...pairs)).toBe('OK')
    }
    await all(/^s_down,/)
    await set('auth-pass', 'secret')
    await all(/^master$/)
    await set('auth-user', 'watcher')
    await all(/^s_down,/)
    await set('Auth-Pass', 'other')
    await all(/^master$/)
    await set('auth-user', '', 'auth-pass', '')
    await all(/^s_down,/)
    for (const port of ports) {
      expect(await ask(port, 'SENTINEL', 'SET', 'mymaster', 'quorum', '2', 'auth-pass')).toBe(
        "ERR Unknown option or number of arguments for SENTINEL SET 'auth-pass'",
      )
    }
    const changes = (): readonly string[][] => events.map((each) => each.filter((event) => event.startsWith('+set ')))
    // What is told to a subscriber may come after the answer.
    await expect.poll(() => changes().map(({ length }) => length), WAIT).toEqual([6, 6])
    const [real, ours] = changes()
    expect(ours).toEqual(real)
    expect(ours?.map((event) => event.split(' ').slice(5).join(' '))).toEqual([
      ...['auth-pass ******', 'auth-user watcher', 'Auth-Pass ******', 'auth-user ', 'auth-pass ******'],
      ...['quorum 2'],
    ])
  }, 120_000)
})

/** What a Sentinel does there, as Redis's documentation lists it. */
const WATCHER = [
  ...['watcher', 'on', '>other', 'allchannels', '-@all', '+multi', '+slaveof', '+ping', '+exec', '+subscribe'],
  ...['+config|rewrite', '+role', '+publish', '+info', '+client|setname', '+client|kill', '+script|kill'],
]

describe('one of three, the others real', () => {
  const lines = ['requirepass watched', 'sentinel auth-pass mymaster secret']
  const login: Login = ['watched']

  it('over real servers with passwords, and Sentinels that log in with the one that they ask for', async () => {
    const passwords = ['--requirepass', 'secret', '--masterauth', 'secret']
    const primary = await realRedis(...passwords)
    const replica = await realRedis(...passwords, '--replicaof', '127.0.0.1', String(primary.port))
    const sentinels = [
      await realSentinel(primary.port, undefined, lines),
      await realSentinel(primary.port, undefined, lines),
      (await servedSentinel(primary.port, undefined, { password: 'secret' }, [['requirepass', 'watched']])).port,
    ]
    await acquainted(sentinels, login)
    await failOver(sentinels, () => primary.stop(), replica.port, login)
    expect(await askAs(replica.port, ['secret'], 'SET', 'k', 'v')).toBe('OK')
  }, 120_000)

  it('over servers in memory with users, where each Sentinel has a password of its own for the others', async () => {
    const passwords = [
      ['requirepass', 'secret'],
      ['masterauth', 'secret'],
    ] as const
    const primary = await served({ follows: null }, 'primary', passwords)
    const replica = await served({ follows: { host: '127.0.0.1', port: primary.port } }, 'replica', passwords)
    for (const { port } of [primary, replica]) {
      expect(await askAs(port, ['secret'], 'ACL', 'SETUSER', ...WATCHER)).toBe('OK')
    }
    const real = [
      ...['requirepass watched', 'sentinel auth-user mymaster watcher', 'sentinel auth-pass mymaster other'],
      ...['user friend on >among +@all allchannels', 'sentinel sentinel-user friend', 'sentinel sentinel-pass among'],
    ]
    const ours = await servedSentinel(primary.port, undefined, { user: 'watcher', password: 'other' }, [
      ['requirepass', 'watched'],
    ])
    for (const command of [
      'ACL SETUSER friend on >among +@all allchannels',
      'SENTINEL CONFIG SET sentinel-user friend',
      'SENTINEL CONFIG SET sentinel-pass among',
    ]) {
      expect(await askAs(ours.port, login, ...command.split(' '))).toBe('OK')
    }
    const sentinels = [
      await realSentinel(primary.port, undefined, real),
      await realSentinel(primary.port, undefined, real),
      ours.port,
    ]
    await acquainted(sentinels, login)
    await failOver(sentinels, () => askAs(primary.port, ['secret'], 'SHUTDOWN', 'NOSAVE'), replica.port, login)
    expect(await askAs(replica.port, ['secret'], 'SET', 'k', 'v')).toBe('OK')
  }, 120_000)
})
