/**
 * The built-in semaphores, elections and read-write locks in hunts: in no storm of one fault has a right one a bug, and each naive one
 * has one. Through the built binary.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { build, lockstorm } from './cli/binary.ts'

let folder: string
beforeAll(async () => {
  await build()
  folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-hunts-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const hunted = (name: string, client: string) =>
  lockstorm(['hunt', name, '--client', client, '--faults', '1', '--rounds', '1', '--allow', 'limit'], { cwd: folder })

describe.each(['direct', 'ioredis'])('by the client %s', (client) => {
  it.each(['leased-semaphore', 'term-lease', 'leased-readers'])('%s has no bug', (name) => {
    const { code, stdout } = hunted(name, client)
    expect(code, stdout).toBe(0)
    expect(stdout).toContain(' storms of up to 1 fault')
  })

  it.each(['counter-semaphore', 'plain-renewal', 'counted-readers'])('%s has one', (name) => {
    const { code, stdout } = hunted(name, client)
    expect(code, stdout).toBe(1)
  })
})
