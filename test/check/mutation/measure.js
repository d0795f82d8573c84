/**
 * How good the tests of the checks are: `npm run mutants` judges storms over every built-in subject and every model of the catalogue
 * with each mutant of the checks (`mutate.js`), prints those that no storm tells from the original, and with `--write` keeps a small
 * set of storms that tells all others, with their verdicts, in `verdicts.json`. `verdicts.test.ts` holds the checks to it.
 *
 *   npm run mutants                  the score of the storms that are kept
 *   npm run mutants -- --write       looks for storms that kill more, and keeps them
 */
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { writeMutants } from './mutate.js'

const ROOT = path.resolve(import.meta.dirname, '../../..')
const COPY = path.join(ROOT, 'node_modules', '.cache', 'lockstorm-mutants')
const KEPT = path.join(import.meta.dirname, 'verdicts.json')

const mutants = writeMutants(path.join(ROOT, 'dist'), COPY)
const built = (file) => import(path.join(COPY, file))
const { judge } = await built('check/judge.js')
const { History } = await built('history/history.js')
const { corpus, runOf, subjectOf, verdictText } = await import('./corpus.js')

const live = new Set(mutants.keys())
const kept = []

/** Judges a world with every mutant that is still alive; the numbers of those that it kills. */
async function killedBy(subject, plan) {
  const run = await runOf(subject, plan)
  const textWith = (mutant) => {
    globalThis.mutant = mutant
    try {
      return verdictText(judge(new History(run)))
    } catch {
      return 'throws'
    } finally {
      globalThis.mutant = 0
    }
  }
  globalThis.mutantsSeen.clear()
  const text = textWith(0)
  // A mutant whose condition was not asked changes nothing.
  const asked = [...globalThis.mutantsSeen].flat().map((number) => number - 1)
  return { text, killed: asked.filter((index) => live.has(index) && textWith(index + 1) !== text) }
}

async function judgeAll(worlds, budgetMs) {
  const endMs = performance.now() + budgetMs
  let count = 0
  for await (const { name, subject, plan } of worlds) {
    if (performance.now() > endMs) break
    count += 1
    const { text, killed } = await killedBy(subject, plan)
    if (killed.length === 0) continue
    for (const index of killed) live.delete(index)
    kept.push({ subject: name, plan, verdict: JSON.parse(text) })
  }
  return count
}

const isWriting = process.argv.includes('--write')
const before = JSON.parse(readFileSync(KEPT, 'utf8'))
await judgeAll(
  before.map(({ subject, plan }) => ({ name: subject, subject: subjectOf(subject), plan })),
  Number.POSITIVE_INFINITY,
)
if (isWriting) {
  const minutes = Number(process.argv.at(-1)) || 5
  const count = await judgeAll(corpus(), minutes * 60_000)
  writeFileSync(KEPT, `[\n${kept.map((entry) => JSON.stringify(entry)).join(',\n')}\n]\n`)
  console.log(`${count} storms were tried, ${kept.length} are kept`)
}
for (const index of live) {
  const { place, kind, source } = mutants[index]
  console.log(`survives  ${place}  ${kind}  ${source.slice(0, 120)}`)
}
const killed = mutants.length - live.size
console.log(`${killed} of ${mutants.length} mutants are killed (${((100 * killed) / mutants.length).toFixed(1)} %)`)
