/** A read-write lock whose set-up is wrong is told what to mend, and comes to no verdict. Through the built binary. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { build, lockstorm, ROOT } from '../cli/binary.ts'

const MODELS = path.join(ROOT, 'test', 'read-write', 'models')
let folder: string
beforeAll(async () => {
  await build()
  folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-read-write-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it.each([
  [
    'never-writes',
    'the lock was never had to write, without any fault\n  fix: resolve acquireWrite() with a lease when no other client has the lock\n',
  ],
  [
    'cannot-release',
    "the lock could not be given back, without any fault: ERR wrong number of arguments for 'del' command\n  fix: make it work without faults: nothing else can be tested before\n",
  ],
])('%s', (name, message) => {
  const { code, stdout, stderr } = lockstorm(['hunt', path.join(MODELS, `${name}.ts`)], { cwd: folder })
  expect({ code, stdout, stderr }).toEqual({ code: 64, stdout: '', stderr: `${name}: ${message}` })
})

it('half of one is told what is missing, and is no lock', () => {
  const file = path.join(folder, 'half.ts')
  writeFileSync(file, "export default { name: 'half', acquireRead: async () => null, release: async () => true }")
  const { code, stderr } = lockstorm(['hunt', file], { cwd: folder })
  expect(code).toBe(64)
  expect(stderr).toContain('the default export is no read-write lock yet: acquireWrite is missing')
})
