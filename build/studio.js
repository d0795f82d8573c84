/**
 * Builds the playground: one page that holds everything it needs, in `dist/studio/`. Any web host can serve the folder, and the page
 * opens from the disk, too.
 *
 * Invariants
 * - Nothing is fetched. The worker's program lies in the page as text and is started from there, so it is under the page's policy:
 *   code of the user's cannot reach anything.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { lessonSources, sources } from './sources.js'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

const SOURCES = sources(path.join(ROOT, 'src'))

/** The lessons' names, in their order; from what tsc made of them. */
const lessonNames = async () => {
  const { LESSONS } = await import('../dist/lesson/registry.js')
  return LESSONS.map(({ name }) => name)
}

/** The code of the lessons. */
const lessonFiles = async () =>
  lessonSources(path.join(ROOT, 'lessons'), await lessonNames(), new Set(Object.keys(SOURCES)))

/** The scenarios by their path in `scenarios/`, and the storms of the lessons by theirs in the package. */
async function scenarioFiles() {
  const folder = path.join(ROOT, 'scenarios')
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.yaml'))
  const storms = (await lessonNames()).map((name) => `lessons/${name}/storm.yaml`)
  return Object.fromEntries([
    ...files.sort().map((file) => [file, readFileSync(path.join(folder, file), 'utf8')]),
    ...storms.map((file) => [file, readFileSync(path.join(ROOT, file), 'utf8')]),
  ])
}

/** What imports of `lockstorm:…` are, as data. */
const DATA = {
  'lockstorm:scenarios': scenarioFiles,
  'lockstorm:sources': () => SOURCES,
  'lockstorm:lessons': lessonFiles,
}
const data = {
  name: 'lockstorm',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^lockstorm:/ }, ({ path: name }) => ({ path: name, namespace: 'lockstorm' }))
    onLoad({ filter: /.*/, namespace: 'lockstorm' }, async ({ path: name }) => ({
      contents: JSON.stringify(await DATA[name]()),
      loader: 'json',
    }))
  },
}

/** zod's messages in fifty languages are a third of a megabyte; it is asked for English alone. */
const englishOnly = {
  name: 'english-only',
  setup({ onLoad }) {
    onLoad({ filter: /zod\/v4\/locales\/index\.js$/ }, () => ({ contents: "export { default as en } from './en.js'" }))
  },
}

/** The text of a bundle. */
async function bundled(entry) {
  const { outputFiles } = await build({
    entryPoints: [path.join(ROOT, entry)],
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    target: ['chrome105', 'firefox113', 'safari16.4'],
    charset: 'utf8',
    legalComments: 'none',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    loader: { '.wasm': 'binary' },
    plugins: [data, englishOnly],
    logLevel: 'warning',
  })
  return outputFiles[0].text
}

/** The text of the worker. */
export const workerText = () => bundled('src/studio/worker.ts')

/** A program as the text of an element: nothing in it ends the element, and to JavaScript it is the same. */
const inElement = (script) => script.replace(/<(?=\/script|!--)/gi, '\\x3c')

async function page() {
  const [worker, script] = (await Promise.all([workerText(), bundled('src/studio/page/main.tsx')])).map(inElement)
  const hash = createHash('sha256').update(script).digest('base64')
  const policy = [
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    // The worker makes functions of texts, and compiles Lua's interpreter; no text becomes a script of the page.
    `script-src 'sha256-${hash}' 'unsafe-eval' 'wasm-unsafe-eval'`,
    'worker-src blob:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>lockstorm studio</title>
</head>
<body>
<div id="page"></div>
<noscript><p>The simulator runs in this page, as a script: it is switched off here.</p></noscript>
<script type="text/plain" id="worker">${worker}</script>
<script>${script}</script>
</body>
</html>
`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = path.join(ROOT, 'dist/studio')
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, 'index.html'), await page())
}
