/**
 * What unmodified libraries cost: worlds a second of three clients that each take the lock three times.
 */
import { fileURLToPath } from 'node:url'
import * as lockstorm from '../dist/index.js'
import { loadSubjects } from '../dist/scenario/node/load-subject.js'

const FILE = fileURLToPath(new URL('../catalogue/scoreboard/locks.ts', import.meta.url))
const NAMES = ['redlock-5', 'redis-semaphore-mutex']

/** The subjects; `worlds` runs and prints them. */
export async function benchLibraries(worlds, count) {
  const subjects = await loadSubjects(FILE, { ...lockstorm })
  for (const name of NAMES) {
    const subject = subjects.find((each) => each.name === name)
    await worlds('ioredis', subject, count)
  }
}
