/** An election whose set-up is wrong is told what to mend, and comes to no verdict. Through the built binary. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { build, lockstorm, ROOT } from '../cli/binary.ts'

const MODELS = path.join(ROOT, 'test', 'leader', 'models')
let folder: string
beforeAll(async () => {
  await build()
  folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-leaders-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it.each([
  [
    'tells-nobody',
    'no candidate was told that it leads, without any fault\n  fix: call candidate.onElected() when it leads, and onDeposed() only when it leads no more\n',
  ],
  [
    'cannot-campaign',
    "each campaign failed, without any fault: ERR wrong number of arguments for 'setnx' command\n  fix: make it work without faults: nothing else can be tested before\n",
  ],
  [
    'never-begins',
    'campaign() never came back, without any fault\n  fix: resolve it when the campaign has begun, elected or not\n',
  ],
])('%s', (name, message) => {
  const { code, stdout, stderr } = lockstorm(['hunt', path.join(MODELS, `${name}.ts`)], { cwd: folder })
  expect({ code, stdout, stderr }).toEqual({ code: 64, stdout: '', stderr: `${name}: ${message}` })
})
