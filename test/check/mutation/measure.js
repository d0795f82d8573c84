/**
 * How good the tests of the checks are: `npm run mutants` judges storms over every built-in subject and every model of the catalogue
 * with each mutant of the checks (`mutate.js`), runs the tests of the checks with those that no storm tells from the original
 * (`runner.js`), and prints what survives. With `--write` it keeps a small set of storms that tells all others, with their verdicts, in
 * `verdicts.json`; `verdicts.test.ts` holds the checks to it.
 *
 *   npm run mutants                  the score of the storms that are kept, and of the tests
 *   npm run mutants -- --write 30    looks for storms that kill more, for so many minutes, and keeps them
 *   npm run mutants -- --write 10 term-lease leased-readers    over these subjects alone
 *   npm run mutants -- --of orphan,cause    the mutants of these checks alone
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { askedMutants, forgetAsked, withMutant } from './condition.js'
import { writeMutants } from './mutate.js'

const ROOT = path.resolve(import.meta.dirname, '../../..')
const COPY = path.join(ROOT, 'node_modules', '.cache', `lockstorm-mutants-${process.pid}`)
const KEPT = path.join(import.meta.dirname, 'verdicts.json')

const { values, positionals: names } = parseArgs({
  options: { write: { type: 'string' }, of: { type: 'string' } },
  allowPositionals: true,
})
if (values.write !== undefined && values.of !== undefined)
  throw new Error('what is kept tells the mutants of all checks')

process.on('exit', () => rmSync(COPY, { recursive: true, force: true }))
const mutants = writeMutants(path.join(ROOT, 'dist'), COPY)
const built = (file) => import(path.join(COPY, file))
const { judge } = await built('check/judge.js')
const { History } = await built('history/history.js')
const { corpus, runOf, subjectOf, verdictText } = await import('./corpus.js')

const fileOf = ({ place }) => place.split('.')[0]
const live = new Set(mutants.keys())
if (values.of !== undefined) {
  for (const index of live) if (!values.of.split(',').includes(fileOf(mutants[index]))) live.delete(index)
}
const meant = live.size
const kept = []

/** Judges a world with every mutant that is still alive; the numbers of those that it kills. */
async function killedBy(subject, plan) {
  const run = await runOf(subject, plan)
  const textWith = (mutant) => {
    try {
      return withMutant(mutant, () => verdictText(judge(new History(run))))
    } catch {
      return 'throws'
    }
  }
  forgetAsked()
  const text = textWith(0)
  // A mutant whose condition was not asked changes nothing.
  const asked = askedMutants().map((number) => number - 1)
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

const before = JSON.parse(readFileSync(KEPT, 'utf8'))
await judgeAll(
  before.map(({ subject, plan }) => ({ name: subject, subject: subjectOf(subject), plan })),
  Number.POSITIVE_INFINITY,
)
if (values.write !== undefined) {
  const count = await judgeAll(corpus(names), Number(values.write) * 60_000)
  writeFileSync(KEPT, `[\n${kept.map((entry) => JSON.stringify(entry)).join(',\n')}\n]\n`)
  console.log(`${count} storms were tried, ${kept.length} are kept`)
}
const byStorms = meant - live.size
for (const number of killedByTests([...live].map((index) => index + 1))) live.delete(number - 1)

/** The numbers of those that a test of the checks fails with. */
function killedByTests(numbers) {
  const folder = mkdtempSync(path.join(tmpdir(), 'lockstorm-mutants-'))
  try {
    const env = {
      ...process.env,
      MUTANTS_FOLDER: COPY,
      MUTANTS_LIVE: path.join(folder, 'live'),
      MUTANTS_KILLED: path.join(folder, 'killed'),
    }
    writeFileSync(env.MUTANTS_LIVE, JSON.stringify(numbers))
    writeFileSync(env.MUTANTS_KILLED, '')
    const config = path.join(import.meta.dirname, 'vitest.config.js')
    const { status, stdout } = spawnSync('npx', ['vitest', 'run', '--config', config], {
      cwd: ROOT,
      env,
      encoding: 'utf8',
    })
    // A test that fails without a mutant says nothing of one.
    if (status !== 0)
      throw new Error(
        `the tests of the checks fail:\n${stdout
          .split('\n')
          .filter((line) => /×|Error/.test(line))
          .join('\n')}`,
      )
    return readFileSync(env.MUTANTS_KILLED, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map(Number)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

for (const index of live) {
  const { place, kind, source } = mutants[index]
  console.log(`survives  ${place}  ${kind}  ${source.slice(0, 120)}`)
}
const left = new Map()
for (const index of live) left.set(fileOf(mutants[index]), (left.get(fileOf(mutants[index])) ?? 0) + 1)
console.log(
  [...left]
    .sort((a, b) => b[1] - a[1])
    .map(([file, count]) => `${file} ${count}`)
    .join(', '),
)
const percent = (count) => `${((100 * count) / meant).toFixed(1)} %`
const killed = meant - live.size
console.log(
  `${meant} mutants: ${byStorms} are killed by storms (${percent(byStorms)}), ${killed - byStorms} more by the tests of the checks, ${killed} in all (${percent(killed)})`,
)
