/** Writing the files of a hunt. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { defaultPlan } from '../../../src/explore/base-plan.ts'
import { writeHunt } from '../../../src/report/hunt/write.ts'
import { counter } from '../../../src/workload/counter/counter.ts'
import { embeddedIn } from '../page-data.ts'
import { violatedHunt } from './hunts.ts'

const META = {
  startedAt: '2026-01-01T00:00:00.000Z',
  elapsedMs: 12,
  lockstorm: '0.1.0',
  node: 'v20.20.2',
  platform: 'linux x64',
  host: 'here',
  command: 'lockstorm hunt',
}

let root: string
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'lockstorm-hunt-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

async function write(directory: string): Promise<void> {
  const { report, stories, replayCount } = violatedHunt()
  const replays = report.violations.slice(0, replayCount).map(({ property, kind, sentence, historyHash }) => ({
    plan: defaultPlan(counter),
    told: {
      subject: 'mine',
      redis: 'memory',
      violation: { property, kind, cause: 'lease-ended', sentence },
      historyHash,
      source: '',
      file: '',
    },
  }))
  await writeHunt(directory, { report, stories, cured: [] }, replays, META)
}

const tree = (directory: string): string[] => readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort()

describe('writing a hunt', () => {
  it('makes all files; every link of the page leads to one, and what an earlier hunt left is gone', async () => {
    const directory = path.join(root, 'reports', 'hunt')
    mkdirSync(path.join(directory, 'replays'), { recursive: true })
    writeFileSync(path.join(directory, 'replays', '9-hang.replay.json'), '{}')
    await write(directory)
    expect(tree(directory)).toEqual([
      'badge.json',
      'code-quality.json',
      'ctrf.json',
      'histories',
      'histories/1-mutual-exclusion.ndjson',
      'histories/2-mutual-exclusion.ndjson',
      'histories/3-mutual-exclusion.ndjson',
      'index.html',
      'junit.xml',
      'meta.json',
      'replays',
      'replays/1-mutual-exclusion.replay.json',
      'replays/2-mutual-exclusion.replay.json',
      'replays/3-mutual-exclusion.replay.json',
      'report.json',
      'report.md',
      'results.sarif',
      'story.svg',
    ])
    const page = readFileSync(path.join(directory, 'index.html'), 'utf8')
    const links = embeddedIn(page).data.stories.flatMap(({ files }) => files)
    expect(new Set(links).size).toBe(6)
    for (const link of links) expect(existsSync(path.join(directory, link))).toBe(true)
  })

  it('writes the same bytes for the same hunt, wherever they go', async () => {
    const [one, other] = [path.join(root, 'one'), path.join(root, 'other')]
    await write(one)
    await write(other)
    for (const name of tree(one).filter((file) => /\.\w+$/.test(file)))
      expect(readFileSync(path.join(other, name), 'utf8')).toBe(readFileSync(path.join(one, name), 'utf8'))
  })
})
