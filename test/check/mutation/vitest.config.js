/** The tests of the checks, with the mutants of `measure.js` in the place of what they test. */
import path from 'node:path'
import { defineConfig } from 'vitest/config'

const ROOT = path.resolve(import.meta.dirname, '../../..')
const SOURCE = path.join(ROOT, 'src') + path.sep

export default defineConfig({
  root: ROOT,
  plugins: [
    {
      name: 'mutants',
      enforce: 'pre',
      resolveId(source, importer) {
        if (importer === undefined || !source.startsWith('.')) return null
        const file = path.resolve(path.dirname(importer), source)
        if (!file.startsWith(SOURCE) || !file.endsWith('.ts')) return null
        const built = file.slice(SOURCE.length).replace(/\.ts$/, '.js')
        return { id: path.join(process.env.MUTANTS_FOLDER, built), external: true }
      },
    },
  ],
  test: {
    include: ['test/check/*.test.ts', 'test/recorded/*.test.ts'],
    exclude: ['test/recorded/real-server.test.ts', 'test/recorded/server.test.ts'],
    runner: path.join(import.meta.dirname, 'runner.js'),
    // As long as all mutants of a test take together.
    testTimeout: 0,
    pool: 'forks',
    maxWorkers: 1,
  },
})
