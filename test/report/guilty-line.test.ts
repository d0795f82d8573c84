/** The line that sent the command: in a story made by hand, and in the files of hunts and runs of real locks. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { guiltyLine } from '../../src/report/surface/guilty-line.ts'
import { build, lockstorm } from '../cli/binary.ts'

describe('the guilty line', () => {
  const message = (from: string, to: string, sentUs: number, arrivedUs: number, line?: number) => ({
    ...{ from, to, sentUs, arrivedUs, label: '', lost: false },
    ...(line === undefined ? {} : { site: `lib/lock.ts:${line}` }),
  })
  const messages = [
    message('A', 'redis-1', 0, 10, 3),
    message('B', 'redis-1', 5, 12, 4),
    message('redis-1', 'A', 10, 20),
    message('redis-1', 'B', 12, 22),
    message('A', 'redis-1', 30, 40, 9),
  ]
  it.each([
    ['of the command that arrived in that instant', 40, ['A', 'B'], 9],
    ['of the command whose answer did', 22, ['A', 'B'], 4],
    ['of none where nothing arrived', 33, ['A', 'B'], null],
    ['of none where it was that of another client', 40, ['B', 'C'], null],
  ])('is that %s', (_, atUs, processes, line) => {
    expect(guiltyLine({ messages }, { atUs, processes })).toEqual(line === null ? null : { file: 'lib/lock.ts', line })
  })
})

describe('reports of a lock in files', () => {
  let folder: string
  beforeAll(async () => {
    await build()
    folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-lines-'))
    writeFileSync(
      path.join(folder, 'my-lock.ts'),
      `import { take } from './take.ts'
export default {
  name: 'mine',
  async acquire({ redis, key, token, ttlMs }) {
    return (await take(redis, key, token, ttlMs)) ? { token } : null
  },
  async release({ redis, key }) {
    return (await redis.del(key)) === 1
  },
}
`,
    )
    writeFileSync(
      path.join(folder, 'take.ts'),
      `export async function take(redis, key, token, ttlMs) {
  if ((await redis.get(key)) !== null) return false
  return (await redis.set(key, token, 'PX', ttlMs)) === 'OK'
}
`,
    )
  }, 60_000)
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const FEW = { LOCKSTORM_CLIENTS: '2', LOCKSTORM_ROUNDS: '1' }
  interface SarifResult {
    readonly ruleId: string
    readonly locations: readonly {
      readonly physicalLocation: {
        readonly artifactLocation: { readonly uri: string }
        readonly region: { readonly startLine: number }
      }
    }[]
  }
  /** Where the results of a rule are, each once. */
  const placesOf = (rule: string): readonly string[] => {
    const { runs } = JSON.parse(readFileSync(path.join(folder, 'out/results.sarif'), 'utf8')) as {
      runs: { results: SarifResult[] }[]
    }
    const places = (runs[0]?.results ?? [])
      .filter(({ ruleId }) => ruleId === rule)
      .flatMap(({ locations }) => locations.map(({ physicalLocation }) => physicalLocation))
    return [...new Set(places.map(({ artifactLocation, region }) => `${artifactLocation.uri}:${region.startLine}`))]
  }

  it.each(['ioredis', 'direct'])(
    'name the lines of the commands, with %s',
    (client) => {
      const env = { ...FEW, LOCKSTORM_CLIENT: client, GITHUB_ACTIONS: 'true' }
      const { stderr } = lockstorm(['hunt', './my-lock.ts', '--faults', '1', '--output', 'out'], { cwd: folder, env })
      // Who released: `redis.del`. Who took what was held: `redis.set`, in the file that has it.
      expect(placesOf('foreign-release')).toContain('my-lock.ts:8')
      expect(placesOf('mutual-exclusion')).toContain('take.ts:3')
      expect(stderr).toMatch(/^::error file=take\.ts,line=3,title=mine%3A mutual exclusion violated::/m)
      const quality = JSON.parse(readFileSync(path.join(folder, 'out/code-quality.json'), 'utf8'))
      expect(quality.map(({ location }: { location: unknown }) => location)).toContainEqual({
        path: 'take.ts',
        lines: { begin: 3 },
      })
    },
    60_000,
  )

  it('name them of cells, too', () => {
    const args = ['run', 'no-fault', '--lock', 'my-lock.ts', '--only', 'mine', '--output', 'out', '--reporter', 'agent']
    const { stdout } = lockstorm(args, { cwd: folder })
    expect(placesOf('mutual-exclusion')).toEqual(['take.ts:3'])
    expect(stdout).toContain('\nfile take.ts:3\n')
  }, 60_000)
})
