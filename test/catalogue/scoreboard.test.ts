/**
 * `docs/scoreboard.md` is true: each of their tokens shows what it is listed for, in
 * memory and on a real redis-server, with the history that is committed. With `-u` all is hunted anew.
 */
import '../../src/world/node/environment.ts'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { ENTRIES, parametersOf, versionsOf } from '../../catalogue/scoreboard/entries.ts'
import { type Hunted, huntEntry, planOf, replay } from '../../catalogue/scoreboard/hunting.ts'
import { page } from '../../catalogue/scoreboard/page.ts'
import { basePlans } from '../../src/explore/base-plan.ts'
import { createRedisServerProvider, type RealServerProvider } from '../../src/server/node/redis-server.ts'

const FILE = path.join(import.meta.dirname, '../../catalogue/scoreboard/found.json')
const HUNTING_MS = 120_000
/** Rows to hunt anew with `-u`, by name; default: all. `page` is none: only the pages are written anew. */
const only = process.env.SCOREBOARD_ONLY?.split(',') ?? []

const committed = (): readonly Hunted[] =>
  existsSync(FILE) ? (JSON.parse(readFileSync(FILE, 'utf8')) as readonly Hunted[]) : []

let real: RealServerProvider
beforeAll(async () => {
  // simple-redis-mutex prints every error of its subscriber.
  vi.spyOn(console, 'error').mockImplementation(() => {})
  real = await createRedisServerProvider({ count: 3 })
})
afterAll(() => real.close())

describe.each(ENTRIES)('the scoreboard on $subject.name', (entry) => {
  const { name } = entry.subject

  it('shows every committed finding in memory and on a real redis-server', { timeout: HUNTING_MS }, async () => {
    const isRenewed = expect.getState().snapshotState.snapshotUpdateState === 'all'
    if (isRenewed && (only.length === 0 || only.includes(name))) {
      const startMs = performance.now()
      const hunted = await huntEntry(entry, real)
      console.log(`${name}: ${hunted.storms} storms, ${((performance.now() - startMs) / 1000).toFixed(1)} s`)
      const all = [...committed().filter(({ subject }) => subject !== name), hunted]
      const inOrder = ENTRIES.flatMap(({ subject }) => all.filter((other) => other.subject === subject.name))
      writeFileSync(FILE, `${JSON.stringify(inOrder, null, 2)}\n`)
    }
    const hunted = committed().find(({ subject }) => subject === name)
    expect(hunted?.versions, 'of other versions: hunt anew').toEqual(versionsOf(entry))
    for (const { token, historyHash, property, kind, sentence, shows } of hunted?.findings ?? []) {
      for (const provider of [undefined, real]) {
        const shown = await replay(entry, planOf(token), provider)
        expect(shown.sentences, token).toContain(`${property}: ${kind}: ${sentence}`)
        expect([shown.historyHash, shown.shows], token).toEqual([historyHash, shows])
      }
    }
  })
})

it.each(ENTRIES)('finds nothing else in $subject.name when nothing happens', async (entry) => {
  const wrong = committed().find(({ subject }) => subject === entry.subject.name)?.wrong ?? []
  for (const plan of basePlans(entry.subject, parametersOf(entry))) {
    for (const provider of [undefined, real]) {
      const { shows } = await replay(entry, plan, provider)
      expect(shows.filter((one) => !wrong.includes(one))).toEqual([])
    }
  }
})

/** In words, for both pages. */
const server = (): string => real.description.split(',')[0] as string

it('is the committed page', async () => {
  await expect(page(committed(), server())).toMatchFileSnapshot('../../docs/scoreboard.md')
})
