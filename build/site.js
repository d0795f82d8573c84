/**
 * Builds the site: `npm run site` into `docs/site/`, with `reports/sample/` made anew; `npm run site -- FOLDER` somewhere else, and leaves
 * the committed sample alone.
 *
 * The folder is not committed: each page holds the script of all pages, so any change of it would change ten megabytes. The sample is,
 * because people look at it on the repository's page before they install anything.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { createJiti } from 'jiti'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const SAMPLE = ['no-fault', 'gc-pause-before-write', 'lost-reply-on-acquire', 'session-logout-during-slow-request']
/** What of a report is a sample: histories and files for other tools are not. */
const SAMPLE_FILES = ['index.html', 'report.md', 'story.svg', 'report.json', 'junit.xml']

const [elsewhere] = process.argv.slice(2)
const folder = elsewhere === undefined ? path.join(ROOT, 'docs/site') : path.resolve(elsewhere)
rmSync(folder, { recursive: true, force: true })

const whole = path.join(folder, 'sample')
try {
  execFileSync(process.execPath, ['dist/cli/main.js', 'run', ...SAMPLE, '--output', whole], {
    cwd: ROOT,
    stdio: 'pipe',
  })
} catch (error) {
  // A cell that is not as expected is exit code 1, and a report all the same.
  if (error.status !== 1) throw error
}
if (elsewhere === undefined)
  for (const file of SAMPLE_FILES) cpSync(path.join(whole, file), path.join(ROOT, 'reports/sample', file))

mkdirSync(path.join(folder, 'studio'), { recursive: true })
cpSync(path.join(ROOT, 'dist/studio/index.html'), path.join(folder, 'studio/index.html'))

// simple-redis-mutex prints every error of its subscriber, and its storms are made of errors.
console.error = () => {}
const jiti = createJiti(import.meta.url)
const { siteFiles } = await jiti.import('../catalogue/site/site.ts')
for await (const [name, text] of siteFiles()) {
  const file = path.join(folder, name)
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, text)
}
console.log(path.join(folder, 'index.html'))
