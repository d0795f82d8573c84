/**
 * The way past everything that a simulated machine shows to code, for lockstorm itself.
 *
 * A world on a real redis-server reads and writes sockets and files in turns in which code under test must not. What does so
 * uses the functions below, which are Node's own as they were when this file was loaded, or says `asOurselves`.
 *
 * Invariants
 * - This file is loaded before anything is replaced.
 * - Only lockstorm's own code uses it: `test/architecture.test.ts` knows where.
 */
import fs from 'node:fs'
import module from 'node:module'
import { running } from '../sim/world.ts'

/** Node's own functions for files, as far as lockstorm uses them while a world runs. */
export const realFs = {
  accessSync: fs.accessSync,
  closeSync: fs.closeSync,
  constants: fs.constants,
  existsSync: fs.existsSync,
  ftruncateSync: fs.ftruncateSync,
  mkdirSync: fs.mkdirSync,
  mkdtempSync: fs.mkdtempSync,
  openSync: fs.openSync,
  readdirSync: fs.readdirSync,
  readFileSync: fs.readFileSync,
  readSync: fs.readSync,
  realpathSync: fs.realpathSync,
  renameSync: fs.renameSync,
  rmSync: fs.rmSync,
  statSync: fs.statSync,
  writeFileSync: fs.writeFileSync,
  writeSync: fs.writeSync,
} as const

/** Loads modules of which the host has one instance. */
export const realRequire = module.createRequire

let depth = 0
let begunCount = 0

let isCounting = false

/** From now on it is counted how many requests to the event loop lockstorm itself begins. */
export function countOwnRequests(): void {
  begunCount = 0
  isCounting = true
}

/** How many it has begun since; they are counted no longer. */
export function takeOwnRequests(): number {
  isCounting = false
  return begunCount
}

const requestCount = (): number => process.getActiveResourcesInfo().length

/** Whether what is being called is called by lockstorm itself. */
export const isOurselves = (): boolean => depth > 0

/** Runs a task of lockstorm's own on the real host, as if no world was running: what it does is no simulated process's. */
export function asOurselves<T>(task: () => T): T {
  const simulated = running.process
  // Counting takes the longer, the more there is.
  const before = isCounting ? requestCount() : 0
  running.process = null
  depth += 1
  try {
    return task()
  } finally {
    depth -= 1
    running.process = simulated
    if (isCounting) begunCount += requestCount() - before
  }
}
