/** What docs/contracts.md shows is tried as it stands: each file comes through the storm that breaks a naive one. Through the built binary. */
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { build, lockstorm, ROOT } from './cli/binary.ts'

const page = readFileSync(path.join(ROOT, 'docs', 'contracts.md'), 'utf8')
const files = [...page.matchAll(/```ts\n\/\/ (\S+\.ts)\n([\s\S]*?)```/g)].map(
  ([, file = '', code = '']) => [file, code] as const,
)

/** A scenario for each. */
const STORMS: Readonly<Record<string, string>> = {
  'my-semaphore.ts': 'semaphore-holder-dies',
  'my-election.ts': 'leader-dies',
  'my-read-write-lock.ts': 'reader-dies',
}

let folder: string
beforeAll(async () => {
  await build()
  folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-contracts-'))
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('shows a file for each contract', () => {
  expect(files.map(([file]) => file)).toEqual(Object.keys(STORMS))
})

it.each(files)('%s', (file, code) => {
  writeFileSync(path.join(folder, file), code)
  const name = path.basename(file, '.ts')
  const args = ['run', STORMS[file] as string, '--lock', file, '--only', name]
  const { code: exitCode, stdout } = lockstorm(args, { cwd: folder })
  expect(exitCode, stdout).toBe(0)
  expect(stdout).toMatch(/✓ valid/)
})
