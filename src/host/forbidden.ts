/**
 * What would leave the simulated world by another door than a socket or a file: programs, threads, the debugger.
 */
import childProcess from 'node:child_process'
import cluster from 'node:cluster'
import inspector from 'node:inspector'
import module from 'node:module'
import v8 from 'node:v8'
import threads from 'node:worker_threads'
import { forbid } from './dispatch.ts'
import { PUT_BEHIND } from './refuse.ts'

/** Makes them end the hunt with the call and its line. */
export function installForbidden(): void {
  const programs = ['spawn', 'exec', 'execFile', 'fork', 'spawnSync', 'execSync', 'execFileSync']
  forbid(childProcess, 'child_process', programs, 'a simulated machine runs one program', PUT_BEHIND)
  forbid(cluster, 'cluster', ['fork'], 'a simulated machine runs one process', PUT_BEHIND)
  forbid(threads, 'worker_threads', ['Worker', 'BroadcastChannel'], 'a simulated process has one thread', PUT_BEHIND)
  forbid(globalThis, 'globalThis', ['BroadcastChannel'], 'a simulated process has one thread', PUT_BEHIND)
  forbid(Atomics, 'Atomics', ['waitAsync'], 'a simulated process has one thread', PUT_BEHIND)
  forbid(inspector, 'inspector', ['open', 'waitForDebugger', 'Session'], 'it would stop the whole world', PUT_BEHIND)
  const changes = 'it would change lockstorm itself'
  forbid(v8, 'v8', ['setFlagsFromString', 'setHeapSnapshotNearHeapLimit'], changes, PUT_BEHIND)
  forbid(v8, 'v8', ['writeHeapSnapshot'], 'a simulated machine has no disk to write to', PUT_BEHIND)
  forbid(process.report, 'process.report', ['writeReport'], 'a simulated machine has no disk to write to', PUT_BEHIND)
  forbid(module, 'module', ['register', 'registerHooks'], 'a simulated process loads modules as they are', PUT_BEHIND)
}
