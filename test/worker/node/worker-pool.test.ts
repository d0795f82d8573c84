/** Workers under supervision, without anything of lockstorm's: what they are asked for is in a module written here. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WorkerPool } from '../../../src/worker/node/worker-pool.ts'
import { build, ROOT } from '../../cli/binary.ts'

const folder = mkdtempSync(path.join(os.tmpdir(), 'lockstorm-pool-'))
const MODULE = path.join(folder, 'worker.mjs')

type Request = {
  readonly kind: 'name' | 'double' | 'spin' | 'hog' | 'throw' | 'count' | 'steps' | 'talk'
  readonly number?: number
}

beforeAll(async () => {
  await build()
  const serve = pathToFileURL(path.join(ROOT, 'dist', 'worker', 'node', 'serve.js')).href
  const steps = pathToFileURL(path.join(ROOT, 'dist', 'sim', 'steps.js')).href
  writeFileSync(
    MODULE,
    `import { appendFileSync } from 'node:fs'
import { threadId, workerData } from 'node:worker_threads'
import { refuse, serve, Slot } from ${JSON.stringify(serve)}
import { oneStep } from ${JSON.stringify(steps)}
const { slot, refused } = workerData
const life = new Slot(slot)
const answers = {
  name: () => threadId,
  double: ({ number }) => 2 * number,
  spin: ({ number }) => { life.begin(number); for (;;); },
  hog: ({ number }) => { life.begin(number); const all = []; for (;;) all.push(new Array(1e5).fill(threadId)) },
  throw: () => { throw new TypeError('no such thing') },
  count: () => { let count = 0; while (!life.shouldStop) life.begin(count++); return count },
  steps: function* ({ number }) {
    let turns = 0
    for (let step = 0; step < number; step += 1) {
      setImmediate(() => { turns += 1 })
      yield
    }
    appendFileSync(workerData.log, 'answered\\n')
    return turns
  },
  talk: () => { console.log('said'); console.error('shouted'); return 0 },
}
if (refused !== undefined) refuse(new RangeError(refused))
else serve({
  opening: 'ready',
  answer: (request) =>
    request.kind === 'steps' ? answers.steps(request) : oneStep(() => answers[request.kind](request)),
  close: async () => appendFileSync(workerData.log, 'closed\\n'),
})
`,
  )
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function pooled<T>(
  size: number,
  use: (pool: WorkerPool<string, Request, number>) => Promise<T>,
  more: { readonly onOutput?: (text: string) => void } = {},
): Promise<T> {
  const pool = new WorkerPool<string, Request, number>({
    module: pathToFileURL(MODULE),
    workerData: { log: path.join(folder, 'log') },
    size,
    spinMs: 1_000,
    memoryMb: 64,
    ...more,
  })
  try {
    expect(await pool.start()).toBe('ready')
    return await use(pool)
  } finally {
    await pool.close()
  }
}

describe('a pool of workers', () => {
  it('turns its event loop between the steps of an answer', () =>
    pooled(1, async (pool) => {
      expect(await pool.ask({ kind: 'steps', number: 3 })).toEqual({ kind: 'answer', answer: 3 })
    }))

  it('is closed after the answer that is under way, also between two of its steps', async () => {
    const log = path.join(folder, 'log')
    rmSync(log, { force: true })
    await pooled(1, async (pool) => void pool.ask({ kind: 'steps', number: 200 }))
    expect(readFileSync(log, 'utf8')).toBe('answered\nclosed\n')
  })

  it('answers, also when there are more requests than workers', () =>
    pooled(2, async (pool) => {
      const outcomes = await Promise.all([1, 2, 3, 4, 5].map((number) => pool.ask({ kind: 'double', number })))
      expect(outcomes).toEqual([2, 4, 6, 8, 10].map((answer) => ({ kind: 'answer', answer })))
    }))

  it.each([
    ['spin', 'spins'],
    ['hog', 'memory'],
  ] as const)('loses a worker to a request that does %s, says where, and has another one', (kind, reason) =>
    pooled(1, async (pool) => {
      const before = await pool.ask({ kind: 'name' })
      expect(await pool.ask({ kind, number: 17 })).toEqual({ kind: 'lost', ordinal: 17, reason })
      const after = await pool.ask({ kind: 'name' })
      expect(after.kind).toBe('answer')
      expect(after).not.toEqual(before)
    }),
  )

  it('passes on what a request throws, with its name', () =>
    pooled(1, async (pool) => {
      const outcome = await pool.ask({ kind: 'throw' })
      expect(outcome).toMatchObject({ kind: 'error', error: { name: 'TypeError', message: 'no such thing' } })
      expect(await pool.ask({ kind: 'double', number: 4 })).toEqual({ kind: 'answer', answer: 8 })
    }))

  it('asks everybody to come to an end, and they still answer', () =>
    pooled(2, async (pool) => {
      const counts = [pool.ask({ kind: 'count' }), pool.ask({ kind: 'count' })]
      await new Promise((resolve) => setTimeout(resolve, 100))
      pool.stop()
      for (const outcome of await Promise.all(counts)) expect(outcome.kind).toBe('answer')
    }))

  it('is free again when what was under way is abandoned', () =>
    pooled(1, async (pool) => {
      let isAnswered = false
      void pool.ask({ kind: 'count' }).then(() => {
        isAnswered = true
      })
      await new Promise((resolve) => setTimeout(resolve, 100))
      await pool.abandon()
      expect(await pool.ask({ kind: 'double', number: 1 })).toEqual({ kind: 'answer', answer: 2 })
      expect(isAnswered).toBe(false)
    }))

  it('asks somebody who has worked on nothing before', () =>
    pooled(1, async (pool) => {
      expect(await pool.askFresh({ kind: 'name' })).not.toEqual(await pool.ask({ kind: 'name' }))
    }))

  it('lets everybody clean up, also those who are busy', async () => {
    const log = path.join(folder, 'log')
    rmSync(log, { force: true })
    await pooled(2, async (pool) => {
      void pool.ask({ kind: 'count' })
      await pool.ask({ kind: 'name' })
    })
    expect(readFileSync(log, 'utf8')).toBe('closed\nclosed\n')
  })

  it('hears what is printed', async () => {
    let text = ''
    const onOutput = (more: string): void => {
      text += more
    }
    await pooled(1, (pool) => pool.ask({ kind: 'talk' }), { onOutput })
    expect(text.split('\n').sort()).toEqual(['', 'said', 'shouted'])
  })

  it('cannot start when its workers cannot begin, and says why', async () => {
    const pool = new WorkerPool<string, Request, number>({
      module: pathToFileURL(MODULE),
      workerData: { refused: 'not today' },
      size: 2,
      spinMs: 1_000,
      memoryMb: 64,
    })
    await expect(pool.start()).rejects.toMatchObject({ name: 'RangeError', message: 'not today' })
    await pool.close()
  })
})
