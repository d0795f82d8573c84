import { availableParallelism } from 'node:os'
import { configDefaults, defineConfig } from 'vitest/config'
import { leftOutFiles } from './test/machine.ts'

const leftOut = leftOutFiles()
for (const { file, missing } of leftOut) console.warn(`left out for want of ${missing}: ${file}`)

export default defineConfig({
  test: {
    // `npm run attack` is the large form of what is in one folder.
    include: [process.env.ATTACK === 'large' ? 'test/attack/*.test.ts' : 'test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...leftOut.map(({ file }) => file)],
    // In CI the proofs are ten times as long.
    testTimeout: process.env.CI === 'true' ? 900_000 : 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // Vitest leaves one core to itself; most tests wait for programs that they start.
    maxWorkers: availableParallelism(),
  },
})
