/**
 * What unmodified libraries cost: worlds a second of three clients that each take the lock three times.
 */
import { fileURLToPath } from 'node:url'
import * as lockstorm from '../dist/index.js'
import { loadSubjects } from '../dist/scenario/node/load-subject.js'

const FILES = ['./locks/redlock-5.ts', './locks/redis-semaphore.ts']

/** Each process of each world has its own copy of the library; `worlds` runs and prints them. */
export async function benchLibraries(worlds, count) {
  for (const file of FILES) {
    const [subject] = await loadSubjects(fileURLToPath(new URL(file, import.meta.url)), { ...lockstorm })
    await worlds('ioredis', subject, count)
  }
}
