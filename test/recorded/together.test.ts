/** What a client believed, or a resource accepted, beside what the server had: a real server, a real lock, recorded on both sides. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { setNxLua } from '../../src/lock/set-nx-lua.ts'
import { recordLock } from '../../src/record-lock.ts'
import { build, lockstorm } from '../cli/binary.ts'
import { Monitored } from './monitored.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-together-'))
let monitored: Monitored
beforeAll(async () => {
  build()
  monitored = await Monitored.start()
})
afterAll(async () => {
  await monitored.stop()
  rmSync(folder, { recursive: true, force: true })
})

const pass = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** A user of the lock: each use works for so long, and the lease lasts 200 ms. */
async function use(name: string, worksMs: readonly number[], statesEnd: boolean) {
  const redis = monitored.client()
  const belief = path.join(folder, `${name}.belief`)
  const effect = path.join(folder, `${name}.effect`)
  writeFileSync(effect, '')
  let tokens = 0
  const held = new Map<string, unknown>()
  const lock = recordLock(
    {
      async acquire(key: string) {
        tokens += 1
        const context = { redis, key, token: `${name}-secret-${tokens}`, ttlMs: 200 }
        const asked = Date.now()
        const lease = await setNxLua.acquire(context as never)
        held.set(key, context)
        return lease === null ? null : { ...lease, ...(statesEnd ? { expiresAt: asked + 200 } : {}) }
      },
      release: (key: string, lease: object) =>
        setNxLua.release({ ...(held.get(key) as object) } as never, lease as never),
    },
    { file: belief, host: name },
  )
  const writes: string[] = []
  for (const ms of worksMs) {
    const lease = (await lock.acquire(name)) as { readonly token: string }
    await pass(ms)
    writes.push(JSON.stringify({ t: Date.now(), resource: 'row', token: lease.token }))
    await lock.release(name, lease)
  }
  writeFileSync(effect, writes.join('\n'))
  return { belief, effect, server: await monitored.write(path.join(folder, `${name}.log`)) }
}

const judged = (...args: readonly string[]) => {
  const { code, stdout } = lockstorm(['judge', '--json', ...args])
  expect(stdout).not.toContain('secret')
  return { code, ...JSON.parse(stdout) }
}
const kinds = ({ shown }: { readonly shown: readonly { readonly property: string; readonly status: string }[] }) =>
  shown.map(({ property, status }) => `${property} ${status}`)

it('a lock that is used within its lease is valid on all sides', async () => {
  const { belief, effect, server } = await use('within', [5, 5, 5, 5], true)
  const all = judged('--server', server, '--belief', belief, '--effect', effect)
  expect(all).toMatchObject({ status: 'valid', code: 0, notes: [], server: { locks: 1 }, belief: { holds: 4 } })
})

it('a client that believed longer than the server had the key: only both sides show it', async () => {
  const { belief, effect, server } = await use('outlived', [5, 5, 500], false)
  expect(kinds(judged('--belief', belief))).toEqual([])
  expect(kinds(judged('--effect', effect))).toEqual([])
  expect(kinds(judged('--server', server))).toEqual(['overstated-lease unknown'])
  const both = judged('--server', server, '--belief', belief, '--clock-error', '10ms')
  expect(kinds(both)).toEqual(['overstated-lease unknown', 'overstated-lease violated'])
  expect(both.shown[1].sentence).toMatch(
    /^outlived \(#[0-9a-f]{6}\) believed to hold "outlived" until (29|3\d)\d(\.\d+)? ms after "outlived" had expired$/,
  )
  expect(kinds(judged('--server', server, '--belief', belief, '--clock-error', '1s'))).toEqual([
    'overstated-lease unknown',
    'overstated-lease unknown',
  ])
  expect(kinds(judged('--server', server, '--effect', effect, '--clock-error', '10ms'))).toEqual([
    'overstated-lease unknown',
    'stale-write violated',
  ])
})

it('a client that knows when its lease ends believed no longer, and what no server shows is said', async () => {
  const { belief, server } = await use('knows', [5, 5, 500], true)
  expect(kinds(judged('--server', server, '--belief', belief, '--clock-error', '10ms'))).toEqual([
    'overstated-lease unknown',
  ])
  const other = path.join(folder, 'other.belief')
  writeFileSync(other, JSON.stringify({ t: 1, host: 'h', lock: 'l', token: 'never seen', event: 'acquired' }))
  expect(judged('--server', server, '--belief', other).notes.join()).toContain(
    'no server shows the token of 1 of 1 holds',
  )
})
