/**
 * Sentinels in memory: how they find out that a primary is down, elect one of them, promote a replica, and what becomes of the others.
 * The orders of events were seen on redis-sentinel 7.0.15; `real-sentinel.test.ts` lets both kinds work together.
 */
import { describe, expect, it } from 'vitest'
import type { Sentinel } from '../../../src/redis/sentinel/sentinel.ts'
import { Household } from './household.ts'

/** Half a minute of a household whose primary stops after its first moments. */
function paused(
  ...given: ConstructorParameters<typeof Household>
): Household & { readonly leader: string; readonly pausedMs: number } {
  const household = new Household(...given)
  const pausedMs = household.ms
  household.paused.add('redis-1')
  household.pass(6000)
  const leader = household.events.find(({ channel }) => channel === '+elected-leader')?.by ?? ''
  return Object.assign(household, { leader, pausedMs })
}

const addressFrom = (household: Household, name: string): unknown =>
  household.ask(name, 'SENTINEL', 'get-master-addr-by-name', 'mymaster')

const NAMES = ['sentinel-1', 'sentinel-2', 'sentinel-3']

describe('Sentinels that begin', () => {
  it('live through what is no Redis, and call it down', () => {
    const household = new Household()
    const sentinel = household.sentinels.get('sentinel-1')?.member
    // As a server of SSH answers whoever connects.
    household.servers.meddle = () => 'SSH-2.0-OpenSSH_9.6\r\n'
    household.pass(3000)
    expect(household.channels('sentinel-1', household.ms - 3000)).toContain('+sdown')
    expect(sentinel?.ask('PING')).toEqual({ kind: 'status', text: 'PONG' })
  })

  const household = new Household()

  it('find the replicas and each other', () => {
    for (const name of NAMES) {
      const texts = household.ask(name, 'SENTINEL', 'master', 'mymaster') as string[]
      const said = Object.fromEntries(texts.flatMap((text, at) => (at % 2 === 0 ? [[text, texts[at + 1]]] : [])))
      expect(said).toMatchObject({ flags: 'master', 'num-slaves': '2', 'num-other-sentinels': '2', quorum: '2' })
      expect(household.channels(name, 0).toSorted()).toEqual(['+monitor', '+sentinel', '+sentinel', '+slave', '+slave'])
    }
  })

  it('call their connections by their ids, and leave nothing else there', () => {
    const list = household.ask('redis-2', 'CLIENT', 'LIST') as string
    const names = [...list.matchAll(/ name=(\S+)/g)].map(([, name]) => name)
    const ids = NAMES.map((name) => household.sentinels.get(name)?.sentinel.id.slice(0, 8))
    expect(names.toSorted()).toEqual(ids.flatMap((id) => [`sentinel-${id}-cmd`, `sentinel-${id}-pubsub`]).toSorted())
  })

  it('are enough to authorize a failover', () => {
    expect(household.ask('sentinel-1', 'SENTINEL', 'ckquorum', 'mymaster')).toEqual({
      kind: 'status',
      text: 'OK 3 usable Sentinels. Quorum and failover authorization can be reached',
    })
  })
})

describe('a primary that stops', () => {
  const household = paused()
  const { leader, pausedMs } = household
  const others = NAMES.filter((name) => name !== leader)
  const since = (by: string): readonly string[] => household.channels(by, pausedMs)

  it('is failed over by one of them, in this order', () => {
    const told = since(leader).filter((channel) => channel !== '+new-epoch')
    expect(told).toEqual([
      '+sdown',
      '+odown',
      '+try-failover',
      '+vote-for-leader',
      '+elected-leader',
      '+failover-state-select-slave',
      '+selected-slave',
      '+failover-state-send-slaveof-noone',
      '+failover-state-wait-promotion',
      '-role-change',
      '+promoted-slave',
      '+failover-state-reconf-slaves',
      '+slave-reconf-sent',
      '+slave-reconf-inprog',
      '+slave-reconf-done',
      '-odown',
      '+failover-end',
      '+switch-master',
      '+slave',
      '+slave',
      '+sdown',
    ])
  })

  it('is found down after its time, and promoted a few looks later', () => {
    const at = (channel: string): number =>
      (household.events.find((event) => event.atMs >= pausedMs && event.channel === channel)?.atMs ?? 0) - pausedMs
    expect(at('+sdown')).toBeGreaterThanOrEqual(1000)
    expect(at('+sdown')).toBeLessThan(2200)
    expect(at('+failover-state-wait-promotion') - at('+odown')).toBeLessThan(400)
    // The other replica is told when an INFO has said so, about a second later; the others by a hello, at once.
    const switches = household.events.filter(({ channel }) => channel === '+switch-master')
    const late = switches.find(({ by }) => by === leader)?.atMs ?? 0
    for (const other of others) {
      const early = switches.find(({ by }) => by === other)?.atMs ?? 0
      expect(late - early).toBeGreaterThan(500)
    }
  })

  it('is a replica for all of them, and the promoted one is where clients are sent', () => {
    const [host] = addressFrom(household, leader) as [string]
    expect(['redis-2', 'redis-3']).toContain(host)
    for (const name of NAMES) expect(addressFrom(household, name)).toEqual([host, '6379'])
    for (const other of others) {
      const update = household.events.findIndex(({ by, channel }) => by === other && channel === '+config-update-from')
      const switched = household.events.findIndex(({ by, channel }) => by === other && channel === '+switch-master')
      expect(update).toBeGreaterThan(0)
      expect(household.events[switched]?.text).toBe(`mymaster redis-1 6379 ${host} 6379`)
      expect(switched).toBeGreaterThan(update)
    }
    const rest = host === 'redis-2' ? 'redis-3' : 'redis-2'
    expect(household.ask(rest, 'ROLE')).toMatchObject({ 0: 'slave', 1: host, 3: 'connected' })
  })

  it('says that it is a primary when it goes on, and is told to follow ten seconds later', () => {
    const [host] = addressFrom(household, leader) as [string]
    household.paused.delete('redis-1')
    const resumedMs = household.ms
    household.pass(7000)
    expect(household.ask('redis-1', 'ROLE')).toMatchObject({ 0: 'master' })
    household.pass(6000)
    expect(household.ask('redis-1', 'ROLE')).toMatchObject({ 0: 'slave', 1: host, 3: 'connected' })
    const converted = household.events.find(({ channel }) => channel === '+convert-to-slave')
    expect(converted?.text).toBe(`slave redis-1:6379 redis-1 6379 @ mymaster ${host} 6379`)
    const afterMs = (converted?.atMs ?? 0) - resumedMs
    expect(afterMs).toBeGreaterThan(8000)
    expect(afterMs).toBeLessThan(12_500)
  })

  it('and remembers it when it starts again', () => {
    const [host] = addressFrom(household, leader) as [string]
    household.data.get('redis-1')?.server.restart({ keepData: true })
    expect(household.ask('redis-1', 'ROLE')).toMatchObject({ 0: 'slave', 1: host })
    household.data.get(host)?.server.restart({ keepData: true })
    expect(household.ask(host, 'ROLE')).toMatchObject({ 0: 'master' })
  })
})

describe('the selection of a replica', () => {
  it('prefers the lower priority to more data', () => {
    const household = new Household({}, { 'redis-3': [['replica-priority', '50']] })
    household.paused.add('redis-3')
    household.ask('redis-1', 'SET', 'k', 'v')
    household.pass(50)
    household.paused.delete('redis-3')
    household.paused.add('redis-1')
    household.pass(6000)
    expect(addressFrom(household, 'sentinel-1')).toEqual(['redis-3', '6379'])
  })

  it('leaves out a replica with priority 0, and gives up when there is no other', () => {
    const none = [['replica-priority', '0']] as const
    const household = paused({}, { 'redis-2': none, 'redis-3': none })
    expect(household.channels(household.leader, household.pausedMs)).toContain('-failover-abort-no-good-slave')
    expect(addressFrom(household, 'sentinel-1')).toEqual(['redis-1', '6379'])
    expect(household.ask('sentinel-1', 'SENTINEL', 'failover', 'mymaster')).toMatchObject({
      text: expect.stringMatching(/^(NOGOODSLAVE No suitable replica to promote|INPROG)/),
    })
  })
})

describe('quorum and majority', () => {
  it('one of three alone finds it down, and nothing follows', () => {
    const household = new Household()
    for (const name of ['sentinel-2', 'sentinel-3', 'redis-1']) household.paused.add(name)
    const sinceMs = household.ms
    household.pass(8000)
    expect(household.channels('sentinel-1', sinceMs)).toEqual(['+sdown', '+sdown', '+sdown'])
    expect(household.ask('sentinel-1', 'SENTINEL', 'ckquorum', 'mymaster')).toMatchObject({
      text: 'NOQUORUM 1 usable Sentinels. Not enough available Sentinels to reach the specified quorum for this master. Not enough available Sentinels to reach the majority and authorize a failover',
    })
  })

  it('with a quorum of one it tries, is not elected, and tries again after twice the timeout', () => {
    const household = new Household({ quorum: 1, failoverTimeoutMs: 3000 })
    for (const name of ['sentinel-2', 'sentinel-3', 'redis-1']) household.paused.add(name)
    const sinceMs = household.ms
    household.pass(12_000)
    const tries = household.events.filter(({ channel, atMs }) => channel === '+try-failover' && atMs >= sinceMs)
    expect(tries.map(({ by }) => by)).toEqual(['sentinel-1', 'sentinel-1'])
    expect((tries[1]?.atMs ?? 0) - (tries[0]?.atMs ?? 0)).toBeGreaterThanOrEqual(6000)
    expect(household.channels('sentinel-1', sinceMs)).toContain('-failover-abort-not-elected')
    expect(addressFrom(household, 'sentinel-1')).toEqual(['redis-1', '6379'])
  })

  it('by hand one is enough: nobody is asked, and the former primary goes on until it is told', () => {
    const household = new Household()
    for (const name of ['sentinel-2', 'sentinel-3']) household.paused.add(name)
    household.pass(3000)
    const sinceMs = household.ms
    expect(household.ask('sentinel-1', 'SENTINEL', 'failover', 'mymaster')).toMatchObject({ text: 'OK' })
    expect(household.ask('sentinel-1', 'SENTINEL', 'failover', 'mymaster')).toMatchObject({
      text: 'INPROG Failover already in progress',
    })
    household.pass(3000)
    const [host] = addressFrom(household, 'sentinel-1') as [string]
    expect(host).not.toBe('redis-1')
    expect(household.channels('sentinel-1', sinceMs).slice(0, 4)).toEqual([
      '+new-epoch',
      '+try-failover',
      '+vote-for-leader',
      '+elected-leader',
    ])
    expect(household.ask('redis-1', 'SET', 'k', 'lost')).toMatchObject({ text: 'OK' })
    household.pass(12_000)
    expect(household.ask('redis-1', 'ROLE')).toMatchObject({ 0: 'slave', 1: host })
    household.pass(2000)
    expect(household.ask('redis-1', 'GET', 'k')).toBe(null)
  })
})

describe('SENTINEL CONFIG', () => {
  const configure = (household: Household, name: string, option: string, value: string): void => {
    expect(household.ask(name, 'SENTINEL', 'CONFIG', 'SET', option, value)).toMatchObject({ text: 'OK' })
  }
  /** What one says of the others, by a field. */
  const others = (household: Household, name: string, field: string): readonly unknown[] =>
    (household.ask(name, 'SENTINEL', 'SENTINELS', 'mymaster') as string[][]).map(
      (told) => told[told.indexOf(field) + 1],
    )

  it('says in hellos where it is, as it was told to, also when it starts again', () => {
    const household = new Household()
    expect(others(household, 'sentinel-2', 'port')).toEqual(['26379', '26379'])
    configure(household, 'sentinel-1', 'announce-port', '7000')
    configure(household, 'sentinel-1', 'announce-ip', 'elsewhere')
    household.sentinels.get('sentinel-1')?.sentinel.restart()
    household.pass(5000)
    expect(others(household, 'sentinel-2', 'port').toSorted()).toEqual(['26379', '7000'])
    expect(others(household, 'sentinel-2', 'ip').toSorted()).toEqual(['elsewhere', 'sentinel-3'])
  })

  it('logs in to a Sentinel that asks for a password', () => {
    const household = new Household()
    household.ask('sentinel-2', 'ACL', 'SETUSER', 'watcher', 'on', '>secret', '+@all', 'allchannels')
    household.ask('sentinel-2', 'ACL', 'SETUSER', 'default', 'resetpass', '>other')
    const isDown = (): boolean =>
      others(household, 'sentinel-1', 'flags').some((flags) => `${flags}`.includes('s_down'))
    // Connections that are there stay; a user alone is nothing to log in with, and the new ones are not let in.
    configure(household, 'sentinel-1', 'sentinel-user', 'watcher')
    household.pass(4000)
    expect(isDown()).toBe(true)
    configure(household, 'sentinel-1', 'sentinel-pass', 'secret')
    household.pass(4000)
    expect(isDown()).toBe(false)
  })

  it('logs in with the password that it asks for, if it was told no other one', () => {
    const household = new Household({}, {}, [['requirepass', 'shared']])
    const { sentinel } = household.sentinels.get('sentinel-1') as { sentinel: Sentinel }
    expect([...(sentinel.primaries.get('mymaster')?.sentinels.values() ?? [])].map(({ isDown }) => isDown)).toEqual([
      false,
      false,
    ])
    expect(household.ask('sentinel-1', 'PING')).toMatchObject({ text: 'NOAUTH Authentication required.' })
  })

  it('has users when it starts again that were there when its file was written last', () => {
    const household = new Household()
    const users = (): unknown => household.ask('sentinel-1', 'ACL', 'USERS')
    const restart = (): void => household.sentinels.get('sentinel-1')?.sentinel.restart()
    household.ask('sentinel-1', 'ACL', 'SETUSER', 'lost')
    restart()
    expect(users()).toEqual(['default'])
    household.ask('sentinel-1', 'ACL', 'SETUSER', 'kept', 'on', '>secret', '+ping')
    household.ask('sentinel-1', 'SENTINEL', 'FLUSHCONFIG')
    household.ask('sentinel-1', 'ACL', 'SETUSER', 'lost')
    restart()
    expect(users()).toEqual(['default', 'kept'])
    // A client that is there already stays logged in.
    const owner = household.sentinels.get('sentinel-1')?.member.server.connect({ onReply: () => {} })
    owner?.execute(['ACL', 'SETUSER', 'default', '>closed'])
    owner?.execute(['SENTINEL', 'SET', 'mymaster', 'quorum', '2'])
    restart()
    expect(household.ask('sentinel-1', 'PING')).toMatchObject({ text: 'NOAUTH Authentication required.' })
  })

  it.each(['resolve-hostnames', 'announce-hostnames'])('refuses %s, which nothing here would do', (option) => {
    const household = new Household()
    expect(household.ask('sentinel-1', 'SENTINEL', 'CONFIG', 'SET', option, 'YES')).toMatchObject({
      text: `ERR ${option} is not modelled by the Sentinel in memory`,
    })
    expect(household.ask('sentinel-1', 'SENTINEL', 'CONFIG', 'GET', option)).toEqual([option, 'no'])
  })
})

describe('SENTINEL DEBUG', () => {
  /** When a former primary follows after it has gone on, ms; undefined: not within eight seconds. */
  const followsAfterMs = (more: readonly string[]): number | undefined => {
    const household = new Household()
    if (more.length > 0)
      for (const name of NAMES) expect(household.ask(name, 'SENTINEL', 'DEBUG', ...more)).toMatchObject({ text: 'OK' })
    household.paused.add('redis-1')
    household.pass(6000)
    household.paused.delete('redis-1')
    for (let ms = 500; ms <= 8000; ms += 500) {
      household.pass(500)
      if ((household.ask('redis-1', 'ROLE') as string[])[0] === 'slave') return ms
    }
    return undefined
  }

  it('makes a former primary follow sooner: it is asked more often, and four hellos are soon over', () => {
    expect(followsAfterMs([])).toBeUndefined()
    expect(followsAfterMs(['info-period', '500', 'publish-period', '300'])).toBeLessThan(4000)
  })

  it('is forgotten by a Sentinel that starts again', () => {
    const household = new Household()
    household.ask('sentinel-1', 'SENTINEL', 'DEBUG', 'ping-period', '7')
    household.sentinels.get('sentinel-1')?.sentinel.restart()
    const told = household.ask('sentinel-1', 'SENTINEL', 'DEBUG') as string[]
    expect(told.slice(0, 4)).toEqual(['INFO-PERIOD', '10000', 'PING-PERIOD', '1000'])
  })
})

describe('a Sentinel that stops', () => {
  it('watches and does nothing for half a minute, and believes the others all the same', () => {
    const household = new Household()
    household.paused.add('sentinel-3')
    household.paused.add('redis-1')
    household.pass(6000)
    household.paused.delete('sentinel-3')
    const sinceMs = household.ms
    household.pass(3000)
    const [host] = addressFrom(household, 'sentinel-1') as [string]
    expect(addressFrom(household, 'sentinel-3')).toEqual([host, '6379'])
    expect(household.channels('sentinel-3', sinceMs)[0]).toBe('+tilt')
    household.pass(28_000)
    expect(household.channels('sentinel-3', sinceMs)).toContain('-tilt')
  })

  it('knows after a restart what its file says: its id, the primary, the epochs and the others', () => {
    const household = paused()
    const { sentinel } = household.sentinels.get('sentinel-1') as { sentinel: Sentinel }
    const { id, currentEpoch } = sentinel
    const before = addressFrom(household, 'sentinel-1')
    sentinel.restart()
    expect(sentinel.id).toBe(id)
    expect(sentinel.currentEpoch).toBe(currentEpoch)
    const primary = sentinel.primaries.get('mymaster')
    expect(primary?.configEpoch).toBe(currentEpoch)
    expect([...(primary?.sentinels.keys() ?? [])]).toHaveLength(2)
    expect([...(primary?.replicas.keys() ?? [])]).toHaveLength(2)
    expect([primary?.currentAddress.host, String(primary?.currentAddress.port)]).toEqual(before)
  })
})

it('does the same each time', () => {
  const [one, other] = [paused(), paused()]
  expect(one.events).toEqual(other.events)
})
