/**
 * `process` as a simulated process sees its own: id, environment, clocks, listeners, the end.
 */
import type { SimProcess } from '../sim/process.ts'
import { ProcessExit, running } from '../sim/world.ts'
import { dispatch, dispatchValue, forbid } from './dispatch.ts'
import { asOurselves } from './door.ts'
import { machineOf } from './machine.ts'
import { hearPrinted } from './printing.ts'

/** Not `emit`: Node itself says with it what the world's loop must hear. */
const LISTENING = [
  'on',
  'once',
  'off',
  'addListener',
  'removeListener',
  'removeAllListeners',
  'prependListener',
  'prependOnceListener',
  'listeners',
  'rawListeners',
  'listenerCount',
  'eventNames',
] as const

/** Makes Node's `process` one for each simulated process. */
export function installProcess(): void {
  installClocks()
  dispatchValue(process, 'env', (simulated) => machineOf(simulated).env)
  dispatchValue(process, 'pid', (simulated) => machineOf(simulated).pid)
  dispatchValue(process, 'ppid', () => 1)
  dispatchValue(process, 'stdin', (simulated) => machineOf(simulated).stdin)
  for (const name of LISTENING) {
    dispatch(process, name, (simulated: SimProcess, ...args: never[]) => {
      const { events } = machineOf(simulated)
      const answer = (events[name] as (...args: never[]) => unknown).apply(events, args)
      return answer === events ? process : answer
    })
  }
  const exit = (simulated: SimProcess, code: unknown): never => {
    machineOf(simulated).events.emit('exit', code ?? 0)
    simulated.world.onUncaught(simulated, new ProcessExit(`process.exit(${code ?? ''})`), 'exit')
    throw new ProcessExit('the simulated process has ended')
  }
  dispatch(process, 'exit', exit)
  dispatch(process, 'reallyExit', exit)
  dispatch(process, 'abort', (simulated) => exit(simulated, undefined))
  forbid(
    process,
    'process',
    ['chdir', 'kill', 'setUncaughtExceptionCaptureCallback'],
    'it would change lockstorm itself',
    'leave it out of what is under test',
  )
  // What code prints is heard, or goes where the host's output goes.
  for (const stream of [process.stdout, process.stderr]) {
    const { write } = stream
    const print = (...args: Parameters<typeof write>): boolean =>
      hearPrinted(args[0]) || asOurselves(() => write.apply(stream, args))
    stream.write = print as typeof write
  }
}

function installClocks(): void {
  const { hrtime } = process
  const virtualHrtime = (previous?: [number, number]): [number, number] => {
    const simulated = running.process
    const isRefused = previous !== undefined && !(Array.isArray(previous) && previous.length === 2)
    if (simulated === null || isRefused) return hrtime(previous)
    const us = simulated.monoUs
    const seconds = Math.floor(us / 1_000_000)
    const nanos = (us % 1_000_000) * 1000
    if (previous === undefined) return [seconds, nanos]
    const difference = nanos - previous[1]
    return difference < 0 ? [seconds - previous[0] - 1, difference + 1e9] : [seconds - previous[0], difference]
  }
  const hrtimeBigint = hrtime.bigint
  virtualHrtime.bigint = (): bigint => {
    const simulated = running.process
    return simulated === null ? hrtimeBigint() : BigInt(simulated.monoUs) * 1000n
  }
  Object.defineProperty(process, 'hrtime', { value: virtualHrtime, writable: true, configurable: true })
  dispatch(process, 'uptime', (simulated: SimProcess) => simulated.monoUs / 1_000_000)
}
