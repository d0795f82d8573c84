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
    include: [
      'test/{check,recorded,leader,queue,read-write,session}/*.test.ts',
      'test/history/backing.test.ts',
      'test/workload/{cache,cart}/*.test.ts',
      'test/world/{cluster-stories,quorum,replicated,sentinel}.test.ts',
    ],
    // Those start processes of the command line, or real servers.
    exclude: ['test/recorded/{real-server,server}.test.ts', 'test/*/set-up.test.ts'],
    runner: path.join(import.meta.dirname, 'runner.js'),
    // As long as all mutants of a test take together.
    testTimeout: 0,
    pool: 'forks',
    maxWorkers: 1,
  },
})
