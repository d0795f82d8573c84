/**
 * Builds what of the report's page tsc leaves to a bundler: its script, what draws its first screen, the one package that the renderer needs, and the code of the
 * built-in subjects, which is shown as it is written.
 */
import { copyFileSync, writeFileSync } from 'node:fs'
import { build } from 'esbuild'
import { shownCode } from './sources.js'

const common = { bundle: true, charset: 'utf8', legalComments: 'inline', logLevel: 'warning' }

const markup = { ...common, jsx: 'automatic', jsxImportSource: 'preact', minify: true }

await build({
  ...markup,
  entryPoints: ['src/report/page/client/main.tsx'],
  outfile: 'dist/report/page/client/main.js',
  format: 'iife',
  // Browsers since 2022.
  target: ['chrome105', 'firefox104', 'safari16'],
})

await build({
  ...markup,
  entryPoints: ['src/report/page/client/first-screen.tsx'],
  outfile: 'dist/report/page/client/first-screen.cjs',
  format: 'cjs',
  platform: 'node',
  target: 'node20',
})

await build({
  ...common,
  entryPoints: ['src/report/page/deflate.ts'],
  outfile: 'dist/report/page/deflate.js',
  format: 'esm',
  platform: 'neutral',
  mainFields: ['module', 'main'],
  target: 'node20',
})

for (const file of ['command-docs.json', 'COPYING']) copyFileSync(`src/redis/docs/${file}`, `dist/redis/docs/${file}`)
writeFileSync('dist/subject/code.json', JSON.stringify(shownCode('src')))
