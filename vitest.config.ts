import { configDefaults, defineConfig } from 'vitest/config'
import { leftOutFiles } from './test/machine.ts'

const leftOut = leftOutFiles()
for (const { file, missing } of leftOut) console.warn(`left out for want of ${missing}: ${file}`)

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...leftOut.map(({ file }) => file)],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
  },
})
