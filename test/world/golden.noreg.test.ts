/**
 * The same plan gives the same history: in the main thread and in a worker, twice, on this Node and on Node 24, today and
 * when these hashes were committed.
 *
 * `golden.json` may change only together with `ENGINE_VERSION` (tokens of the old version replay no more) or with a new
 * version of ioredis; write it anew with `node test/world/hashes.js > test/world/golden.json`.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { leaveOut } from '../left-out.ts'

type Hashes = Readonly<Record<string, string>>
const SCRIPT = path.resolve(import.meta.dirname, 'hashes.js')
const golden = JSON.parse(readFileSync(path.resolve(import.meta.dirname, 'golden.json'), 'utf8')) as Hashes

const inProcess = (): Hashes =>
  JSON.parse(execFileSync(process.execPath, [SCRIPT], { encoding: 'utf8', maxBuffer: 1e8 })) as Hashes
const inWorker = (): Promise<Hashes> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(SCRIPT)
    worker.once('message', resolve)
    worker.once('error', reject)
  })

/** The first cell that differs, for a message that says where to look. */
const difference = (got: Hashes, expected: Hashes): string | null =>
  [...new Set([...Object.keys(expected), ...Object.keys(got)])].find((cell) => got[cell] !== expected[cell]) ?? null

describe('histories', () => {
  it('are the committed ones, in a process of their own', () => {
    expect(difference(inProcess(), golden)).toBeNull()
  })

  it('are the same again, in a worker', async () => {
    expect(difference(await inWorker(), golden)).toBeNull()
  })

  it('are the same on Node 24', (context) => {
    const run = spawnSync('npx', ['-y', 'node@24', SCRIPT], { encoding: 'utf8', maxBuffer: 1e8, timeout: 300_000 })
    if (run.status !== 0) return leaveOut(context, 'Node 24 from npm', run.stderr.slice(-500))
    expect(difference(JSON.parse(run.stdout) as Hashes, golden)).toBeNull()
  })
})
