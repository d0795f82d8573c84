/** The test runners of `examples/`: their test passes, and fails with the story when the lock is broken. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { build } from '../cli/binary.ts'
import { leaveOut } from '../left-out.ts'
import { installed, packed, runIn, TEST_RUNNERS } from './installed.ts'

let folder: string
let tarball: string
beforeAll(async () => {
  await build()
  folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-runners-'))
  tarball = packed(folder)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the example of a test with', () => {
  it.for(TEST_RUNNERS)('%s passes, and fails when the lock is broken', { timeout: 300_000 }, (name, context) => {
    const { here, error } = installed(folder, name, tarball)
    if (error !== null) return leaveOut(context, 'the npm registry', error)
    const passed = runIn(here, 'npm test')
    expect(passed.status, passed.stdout + passed.stderr).toBe(0)
    const file = path.join(here, 'lock.js')
    const broken = readFileSync(file, 'utf8').replace(
      'this.#redis.eval(COMPARE_AND_DELETE, 1, key, token)',
      'this.#redis.del(key)',
    )
    writeFileSync(file, broken)
    const failed = runIn(here, 'npm test')
    expect(failed.status).not.toBe(0)
    expect(failed.stdout + failed.stderr).toContain('npx lockstorm replay L1.')
  })
})
