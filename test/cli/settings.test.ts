/** Where the value of a setting comes from: flag, environment, config file, default. */
import { describe, expect, it } from 'vitest'
import { withoutPasswords } from '../../src/engine/secrets.ts'
import { describeOrigins, resolveSettings, SETTINGS, type Sources } from '../../src/engine/settings.ts'

const config = (values: Record<string, unknown>) => ({ path: 'lockstorm.config.ts', values })

function resolve({ flags = {}, environment = {}, config = null }: Partial<Sources>) {
  return resolveSettings({ flags, environment, config })
}

function complaint(sources: Partial<Sources>): string {
  try {
    resolve(sources)
  } catch (error) {
    return (error as Error).message
  }
  throw new Error('nothing was thrown')
}

describe('a setting', () => {
  it('comes from the flag, else the environment, else the config file, else its default', () => {
    const all: Sources = {
      flags: { seed: 'flag' },
      environment: { LOCKSTORM_SEED: 'environment' },
      config: config({ seed: 'config' }),
    }
    expect(resolve(all).settings.seed).toBe('flag')
    expect(resolve({ ...all, flags: {} }).settings.seed).toBe('environment')
    expect(resolve({ ...all, flags: {}, environment: {} }).settings.seed).toBe('config')
    expect(resolve({}).settings.seed).toBe('1')
  })

  it('that is empty in the environment is not set', () => {
    expect(resolve({ environment: { LOCKSTORM_SEED: '', LOCKSTORM_RUNS: '' } }).settings).toMatchObject({
      seed: '1',
      runs: null,
    })
  })

  it('of many words is a variable of many words', () => {
    const environment = {
      LOCKSTORM_REDIS_BINARY: '/usr/bin/valkey-server',
      LOCKSTORM_MAX_FAILURES: '3',
      LOCKSTORM_UNKNOWN_OK: 'yes',
      LOCKSTORM_COLOR: '0',
      LOCKSTORM_LOCK: 'a.ts, b.ts',
    }
    expect(resolve({ environment }).settings).toMatchObject({
      redisBinary: '/usr/bin/valkey-server',
      maxFailures: 3,
      unknownOk: true,
      color: false,
      lock: ['a.ts', 'b.ts'],
    })
  })

  it('of the config file may be a number, a switch or a list', () => {
    const values = { seed: 7, runs: 20, json: true, only: ['naive', 'fenced'], lock: 'mine.ts', color: null }
    expect(resolve({ config: config(values) }).settings).toMatchObject({
      seed: '7',
      runs: 20,
      json: true,
      only: ['naive', 'fenced'],
      lock: ['mine.ts'],
      color: null,
    })
  })

  it('has exactly one name in each place', () => {
    for (const [key, { flag }] of Object.entries(SETTINGS)) {
      expect(flag).toBe(`--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`)
    }
  })
})

describe('a wrong value', () => {
  it.each<[Partial<Sources>, string]>([
    [{ flags: { runs: 'x' } }, '--runs: expected a whole number from 1 to 1000000, got "x"'],
    [{ environment: { LOCKSTORM_RUNS: 'x' } }, 'LOCKSTORM_RUNS: expected a whole number from 1 to 1000000, got "x"'],
    [{ environment: { LOCKSTORM_JSON: 'maybe' } }, 'LOCKSTORM_JSON: expected true or false, got "maybe"'],
    [{ config: config({ runs: 1.5 }) }, 'lockstorm.config.ts runs: expected a whole number from 1 to 1000000, got 1.5'],
    [{ config: config({ json: 'yess' }) }, 'lockstorm.config.ts json: expected true or false, got "yess"'],
    [
      { config: config({ only: [3, {}] }) },
      'lockstorm.config.ts only: expected the name of a lock or session store, got {}',
    ],
    [
      { config: config({ maxFailure: 1 }) },
      'lockstorm.config.ts: unknown setting "maxFailure" (did you mean "maxFailures"?)',
    ],
    [{ flags: { only: ['naive', ''] } }, '--only: expected the name of a lock or session store, got ""'],
  ])('%#: is refused at its place', (sources, message) => {
    expect(complaint(sources)).toBe(message)
  })
})

describe('a password in a URL', () => {
  it.each([
    ['redis://:secret@host:6379/0', 'redis://:***@host:6379/0'],
    ['lockstorm run --redis rediss://me:s@cr:et/x@host', 'lockstorm run --redis rediss://me:***@host'],
    ['redis://host:6379', 'redis://host:6379'],
    ['no URL: a@b', 'no URL: a@b'],
  ])('%s is never shown', (text, shown) => {
    expect(withoutPasswords(text)).toBe(shown)
  })

  it('stays out of complaints and of --print-config', () => {
    expect(complaint({ flags: { redis: 'redi://me:secret@host' } })).not.toContain('secret')
    const { origins, settings } = resolve({ environment: { LOCKSTORM_REDIS: 'redis://me:secret@host' } })
    expect(settings.redis).toBe('redis://me:secret@host')
    expect(describeOrigins(origins)).not.toContain('secret')
  })
})

describe('--print-config', () => {
  it('tells each value and where it came from', () => {
    const { origins } = resolve({
      flags: { seed: '7301', only: ['naive', 'fenced'] },
      environment: { LOCKSTORM_CLIENT: 'direct' },
      config: config({ runs: 3 }),
    })
    expect(describeOrigins(origins)).toMatchInlineSnapshot(`
      "lock            (none)                                                 default
      only            naive, fenced                                          flag --only
      tag             (all)                                                  default
      seed            7301                                                   flag --seed
      runs            3                                                      config lockstorm.config.ts
      redis           memory                                                 default
      redisBinary     (redis-server or valkey-server on the PATH)            default
      image           (redis:7)                                              default
      hosts           (every other host leads to the first node)             default
      client          direct                                                 environment LOCKSTORM_CLIENT
      output          (reports/<suite>)                                      default
      reporter        text                                                   default
      json            false                                                  default
      quiet           false                                                  default
      verbose         false                                                  default
      color           (NO_COLOR, FORCE_COLOR, or whether it is a terminal)   default
      maxFailures     (no limit)                                             default
      unknownOk       false                                                  default
      allow           (every finding fails)                                  default
      maxLimit        (0; run, --allow limit: no maximum)                    default
      faults          (1 and 8,000 of 2; fewer, when worlds cost very much)  default
      allMagnitudes   false                                                  default
      guided          false                                                  default
      time            (no limit)                                             default
      clients         3                                                      default
      workload        (counter for a lock, cart for sessions)                default
      callers         1                                                      default
      rounds          2                                                      default
      ttl             (200ms, or what suits the lock)                        default
      work            (20ms, or what suits the lock)                         default
      retry           (20ms, or what suits the lock)                         default
      latency         (200us..900us)                                         default
      ttls            (50ms, 100ms, 200ms, 500ms, 1s, 2s, 3s, 5s)            default
      pauses          (0s, 50ms, 200ms, 1s)                                  default
      skews           (0s, +1s, -1s)                                         default
      latencies       (200us..900us, 5ms..20ms)                              default
      lossy           false                                                  default
      topology        single                                                 default
      persistence     (faults say it)                                        default
      workers         (as many as pay)                                       default
      shrink          true                                                   default
      port            (serve: 6379; studio: any free one)                    default
      open            true                                                   default
      clock           real                                                   default
      sentinel        false                                                  default
      cluster         false                                                  default
      redisVersion    (7.0, or what the scenario or the token says)          default
      set             (none)                                                 default
      queue           (none)                                                 default
      changed         (whether or not something has changed)                 default
      watch           false                                                  default
      lastFailed      false                                                  default
      replays         lockstorm/replays                                      default
      baseline        (every finding is new)                                 default
      belief          (none)                                                 default
      effect          (none)                                                 default
      server          (none)                                                 default
      keys            (learned from the recording)                           default
      oneConnection   false                                                  default
      jepsen          (none)                                                 default
      initial         (not known)                                            default
      clockError      (0s)                                                   default
      shard           (the whole hunt)                                       default
      allowMissing    false                                                  default
      lang            en                                                     default
      updateBaseline  false                                                  default"
    `)
  })
})
