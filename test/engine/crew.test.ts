/** The pool of workers: the same answer whatever their number; code under test that never ends costs a worker only. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type HuntCrew, startCrew } from '../../src/engine/crew.ts'
import { DEFAULT_PARAMETERS } from '../../src/explore/base-plan.ts'
import type { GivenUp } from '../../src/explore/unit.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')
const MODULE = pathToFileURL(path.join(ROOT, 'dist/worker.js'))
const folder = mkdtempSync(path.join(os.tmpdir(), 'lockstorm-crew-'))

beforeAll(() => {
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: ROOT })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function crewFor(lock: string, workers = 1, spinMs = 3_000): Promise<HuntCrew> {
  const job = {
    kind: 'hunt',
    lock,
    only: [],
    choice: { redis: 'memory', redisBinary: null, image: null, hosts: {} },
    parameters: { ...DEFAULT_PARAMETERS, client: 'direct' },
  } as const
  return startCrew(job, { module: MODULE, workers, spinMs, memoryMb: 256 })
}

/** What a unit of storms came to that was not given up. */
function whole<Result extends { readonly kind: string }>(result: Result): Exclude<Result, GivenUp> {
  expect(result.kind).not.toBe('given-up')
  return result as Exclude<Result, GivenUp>
}

function lockFile(name: string, acquire: string): string {
  const file = path.join(folder, `${name}.ts`)
  writeFileSync(
    file,
    `export default {
  name: '${name}',
  async acquire({ redis, key, token, ttlMs }) { ${acquire} },
  async release({ redis, key }) { return (await redis.del(key)) === 1 },
}
`,
  )
  return file
}

describe('a worker', () => {
  it('says what it has loaded, and runs units', async () => {
    const crew = await crewFor('set-nx-lua')
    try {
      expect(crew.opening).toMatchObject({ subject: { name: 'set-nx-lua', kind: 'lock' }, isDeterministic: true })
      const result = await crew.run({ kind: 'seeds', base: 0, from: 0, until: 5 })
      expect(whole(result).tally.tried).toBe(5)
    } finally {
      await crew.close()
    }
  })

  it('that cannot load its subject says why', async () => {
    await expect(crewFor('set-nx-lau')).rejects.toMatchObject({ name: 'UsageError' })
  })

  it('in which a lock spins is given up, and the storm named', async () => {
    const crew = await crewFor(lockFile('spins', 'for (;;) {}'))
    try {
      const { kind, lost } = await crew.run({ kind: 'seeds', base: 0, from: 0, until: 5 })
      expect(kind).toBe('given-up')
      expect(lost.map(({ reason, plan }) => [reason, plan.seed])).toEqual([
        ['spins', '1/0'],
        ['spins', '1/1'],
      ])
      // The crew is still there.
      expect(await crew.run({ kind: 'given', plans: [] })).toMatchObject({ lost: [] })
    } finally {
      await crew.close()
    }
  })

  it.each([
    ['the heap', 'all.push(new Array(10_000).fill(token))'],
    ['buffers', 'all.push(Buffer.alloc(5e7, 1))'],
  ])('that runs out of memory is given up, and the storm named: %s', async (_, once) => {
    const crew = await crewFor(lockFile('hogs', `const all = []; for (;;) ${once}`), 1, 60_000)
    try {
      const { lost } = await crew.run({ kind: 'given', plans: crew.opening.bases })
      expect(lost.map(({ reason }) => reason)).toEqual(['memory'])
    } finally {
      await crew.close()
    }
  })

  it('replays the same history as another one', async () => {
    const crew = await crewFor('naive', 2)
    try {
      const plans = crew.opening.bases
      const result = await crew.run({ kind: 'given', plans })
      expect(await crew.replay(plans)).toEqual(whole(result).hashes)
    } finally {
      await crew.close()
    }
  })
})
