/**
 * What a machine is said to have and to use: memory, processors, heap. The host's own figures differ from run to run and from
 * machine to machine, and so would the histories of code that looks at them.
 */
import os from 'node:os'
import perfHooks from 'node:perf_hooks'
import v8 from 'node:v8'
import { dispatch } from './dispatch.ts'

const MB = 1e6
const MEMORY = { rss: 100 * MB, heapTotal: 50 * MB, heapUsed: 30 * MB, external: 2 * MB, arrayBuffers: MB / 10 }
const HEAP_LIMIT = 2_000 * MB
const TOTAL = 4_000 * MB
const CPU = { model: 'simulated', speed: 0, times: { user: 0, nice: 0, sys: 0, idle: 0, irq: 0 } }
const CPUS = [CPU, CPU]
const IDLE = { idle: 0, active: 0, utilization: 0 }

/** Replaces what measures the host. */
export function installFigures(): void {
  dispatch(process, 'memoryUsage', () => ({ ...MEMORY }))
  dispatch(process.memoryUsage, 'rss', () => MEMORY.rss)
  dispatch(process, 'constrainedMemory', () => 0)
  dispatch(process, 'availableMemory', () => HEAP_LIMIT)
  dispatch(process, 'cpuUsage', (simulated) => ({ user: simulated.monoUs, system: 0 }))
  dispatch(process, 'resourceUsage', (simulated) => ({
    ...ZERO_USAGE,
    userCPUTime: simulated.monoUs,
    maxRSS: MEMORY.rss / 1_000,
  }))
  dispatch(os, 'loadavg', () => [0, 0, 0])
  dispatch(os, 'totalmem', () => TOTAL)
  dispatch(os, 'freemem', () => TOTAL / 2)
  dispatch(os, 'availableParallelism', () => CPUS.length)
  dispatch(os, 'cpus', () => CPUS.map((cpu) => ({ ...cpu })))
  dispatch(v8, 'getHeapStatistics', () => ({ ...HEAP }))
  dispatch(v8, 'getHeapSpaceStatistics', () => [])
  dispatch(perfHooks.performance, 'eventLoopUtilization', () => ({ ...IDLE }))
  // In newer versions of Node it stands here, too.
  dispatch(perfHooks, 'eventLoopUtilization', () => ({ ...IDLE }))
}

const ZERO_USAGE = {
  userCPUTime: 0,
  systemCPUTime: 0,
  maxRSS: 0,
  sharedMemorySize: 0,
  unsharedDataSize: 0,
  unsharedStackSize: 0,
  minorPageFault: 0,
  majorPageFault: 0,
  swappedOut: 0,
  fsRead: 0,
  fsWrite: 0,
  ipcSent: 0,
  ipcReceived: 0,
  signalsCount: 0,
  voluntaryContextSwitches: 0,
  involuntaryContextSwitches: 0,
} as const

const HEAP = {
  total_heap_size: MEMORY.heapTotal,
  total_heap_size_executable: 0,
  total_physical_size: MEMORY.heapTotal,
  total_available_size: HEAP_LIMIT,
  used_heap_size: MEMORY.heapUsed,
  heap_size_limit: HEAP_LIMIT,
  malloced_memory: 0,
  peak_malloced_memory: 0,
  does_zap_garbage: 0,
  number_of_native_contexts: 1,
  number_of_detached_contexts: 0,
  total_global_handles_size: 0,
  used_global_handles_size: 0,
  external_memory: MEMORY.external,
} as const
