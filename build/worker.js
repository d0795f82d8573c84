/**
 * Builds what workers run as one file, `dist/worker.js`, from what tsc wrote. The packages that users have stay outside: they are installed,
 * each with its licence, and a Redis client must be the one that code under test has. What is installed here alone is put into the file.
 * So is what is used of zod: as a package it loads its messages in 64 languages, which took each worker a tenth of a second.
 *
 * Whoever starts a worker while it is built has the old one or the new one, whole.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { build } from 'esbuild'

const DIST = path.resolve(import.meta.dirname, '../dist')
const FILE = path.join(DIST, 'worker.js')

/** Modules that look for files beside them still do so from where they were. */
const places = {
  name: 'places',
  setup({ onLoad }) {
    onLoad({ filter: /\.js$/ }, ({ path: file }) => {
      const text = readFileSync(file, 'utf8')
      if (!file.startsWith(DIST) || !text.includes('import.meta.url')) return null
      const place = JSON.stringify(`./${path.relative(DIST, file).split(path.sep).join('/')}`)
      return { contents: text.replaceAll('import.meta.url', `new URL(${place}, import.meta.url).href`), loader: 'js' }
    })
  },
}

const { dependencies, peerDependencies } = JSON.parse(readFileSync(path.resolve(DIST, '../package.json'), 'utf8'))

const { outputFiles } = await build({
  entryPoints: [path.join(DIST, 'engine', 'worker.js')],
  outfile: FILE,
  bundle: true,
  write: false,
  format: 'esm',
  platform: 'node',
  external: Object.keys({ ...dependencies, ...peerDependencies }).filter((name) => name !== 'zod'),
  target: 'node20',
  // A quarter of the file is indentation and comments. Names stay, and lines are short enough for the traces of our own errors.
  minifyWhitespace: true,
  minifySyntax: true,
  lineLimit: 200,
  charset: 'utf8',
  logLevel: 'warning',
  plugins: [places],
})
const [{ text }] = outputFiles
if (!existsSync(FILE) || readFileSync(FILE, 'utf8') !== text) {
  const whole = `${FILE}.${process.pid}`
  writeFileSync(whole, text)
  renameSync(whole, FILE)
}
