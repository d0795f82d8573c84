/** A queue whose set-up is wrong is told what to mend, and comes to no verdict. Through the built binary. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { build, lockstorm, ROOT } from '../cli/binary.ts'

const MODELS = path.join(ROOT, 'test', 'queue', 'models')
let folder: string
beforeAll(async () => {
  await build()
  folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-queues-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it.each([
  [
    'waits-for-nothing',
    'waits-for-nothing: 6 jobs were added, and no worker was given one, without any fault\n  fix: call handle(job) for each job, with the text that add was given\n',
  ],
  [
    'cannot-add',
    "cannot-add: no job could be added, without any fault: ERR wrong number of arguments for 'lpush' command\n  fix: make it work without faults: nothing else can be tested before\n",
  ],
])('%s', (name, message) => {
  const { code, stdout, stderr } = lockstorm(['hunt', path.join(MODELS, `${name}.ts`)], { cwd: folder })
  expect({ code, stdout, stderr }).toEqual({ code: 64, stdout: '', stderr: message })
})
