/**
 * The Redis clients of which all simulated processes use one instance do what they do when each process has its own: the same
 * lock over ioredis, and over a copy of it by another name, which is evaluated for each process.
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { sharedFile } from '../../src/host/modules/shared.ts'
import * as api from '../../src/index.ts'
import { loadSubjects } from '../../src/scenario/node/load-subject.ts'
import { inMacrotask } from '../../src/sim/node/drain.ts'
import type { Subject } from '../../src/subject/subject.ts'
import { memoryProvider, nodeEnvironment } from '../../src/world/node/environment.ts'
import { runWorld } from '../../src/world/run-world.ts'
import { counterPlan, fault } from '../check/worlds.ts'
import { ROOT } from '../cli/binary.ts'

const INSTALLED = path.join(ROOT, 'node_modules')
const lockOver = (driver: string): string => `import { Redis } from '${driver}'
const redis = new Redis('redis://cache.internal:6379')
redis.on('error', () => {})
const RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"
export default {
  name: 'own',
  async acquire({ key, token, ttlMs }) {
    return (await redis.set(key, token, 'PX', ttlMs, 'NX')) === 'OK' ? { token } : null
  },
  async release({ key, token }) {
    return (await redis.eval(RELEASE, 1, key, token)) === 1
  },
}
`

let folder: string
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-shared-'))
  const modules = path.join(folder, 'node_modules')
  const copy = path.join(modules, 'ioredis-of-its-own')
  mkdirSync(path.join(modules, '@ioredis'), { recursive: true })
  cpSync(path.join(INSTALLED, 'ioredis'), copy, { recursive: true })
  symlinkSync(path.join(INSTALLED, 'ioredis'), path.join(modules, 'ioredis'))
  const manifest = JSON.parse(readFileSync(path.join(copy, 'package.json'), 'utf8')) as { dependencies: object }
  writeFileSync(path.join(copy, 'package.json'), JSON.stringify({ ...manifest, name: 'ioredis-of-its-own' }))
  for (const name of Object.keys(manifest.dependencies)) {
    symlinkSync(path.join(INSTALLED, name), path.join(modules, name))
  }
  for (const driver of ['ioredis', 'ioredis-of-its-own']) {
    writeFileSync(path.join(folder, `over-${driver}.ts`), lockOver(driver))
  }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const STORMS = [
  [],
  [fault('pause', { process: 'A', for: '200ms' }, 'A before work')],
  [fault('lose-reply', { process: 'A' }, 'A before acquire')],
  [fault('reset', { process: 'B' }, '8ms')],
  [fault('restart', { process: 'redis-1', after: '20ms' }, 'A after acquire')],
  [fault('restart', { process: 'B', after: '20ms' }, 'B after acquire')],
]

it('gives the same histories with one instance for all processes and with one for each', async () => {
  const load = async (driver: string): Promise<Subject> => {
    const [subject] = await loadSubjects(path.join(folder, `over-${driver}.ts`), { ...api })
    if (subject === undefined) throw new Error('the file has a lock')
    return subject
  }
  const shared = await load('ioredis')
  const separate = await load('ioredis-of-its-own')
  const entry = (driver: string): string => path.join(folder, 'node_modules', driver, 'built/index.js')
  expect(sharedFile(entry('ioredis'))).not.toBeNull()
  expect(sharedFile(entry('ioredis-of-its-own'))).toBeNull()
  const environment = nodeEnvironment('direct', memoryProvider())
  for (const [index, faults] of STORMS.entries()) {
    const plan = counterPlan({
      seed: `shared/${index}`,
      clients: 3,
      ttlMs: 100,
      settleUs: 3_000_000,
      workload: { kind: 'counter', rounds: 2, workUs: 20_000, retryUs: 10_000, checkFence: true },
      faults,
    })
    const history = async (subject: Subject) => (await inMacrotask(() => runWorld(plan, subject, environment))).records
    const expected = await history(shared)
    expect(expected.some(({ type }) => type === 'truth')).toBe(true)
    expect(await history(separate)).toEqual(expected)
  }
})

it('one instance of reflect-metadata serves all processes, because it adds itself to the one Reflect that there is', async () => {
  const place = path.join(folder, 'node_modules', 'reflect-metadata')
  mkdirSync(place, { recursive: true })
  writeFileSync(path.join(place, 'package.json'), JSON.stringify({ name: 'reflect-metadata', main: 'index.js' }))
  writeFileSync(path.join(place, 'index.js'), 'Reflect.timesAdded = (Reflect.timesAdded ?? 0) + 1\n')
  const file = path.join(folder, 'decorated.ts')
  writeFileSync(file, `import 'reflect-metadata'\n${lockOver('ioredis')}`)
  const [subject] = await loadSubjects(file, api)
  for (const _ of [1, 2]) {
    await inMacrotask(() => runWorld(counterPlan({}), subject as Subject, nodeEnvironment('ioredis', memoryProvider())))
  }
  expect(Reflect.get(Reflect, 'timesAdded')).toBe(1)
  Reflect.deleteProperty(Reflect, 'timesAdded')
})
