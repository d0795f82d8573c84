/**
 * `process` as a simulated process sees its own: id, environment, clocks, listeners, the end.
 */
import type { EventEmitter } from 'node:events'
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
  'setMaxListeners',
  'getMaxListeners',
] as const

/** Makes Node's `process` one for each simulated process. */
export function installProcess(): void {
  installClocks()
  dispatchValue(process, 'env', (simulated) => machineOf(simulated).env)
  dispatchValue(process, 'pid', (simulated) => machineOf(simulated).pid)
  dispatchValue(process, 'ppid', () => 1)
  dispatchValue(process, 'stdin', (simulated) => machineOf(simulated).stdin)
  installListening(process, (simulated) => machineOf(simulated).events)
  const exit = (simulated: SimProcess, code: unknown): never => {
    machineOf(simulated).events.emit('exit', code ?? 0)
    simulated.world.onUncaught(simulated, new ProcessExit(`process.exit(${code ?? ''})`), 'exit')
    throw new ProcessExit('the simulated process has ended')
  }
  dispatch(process, 'exit', exit)
  dispatch(process, 'reallyExit', exit)
  // It would change stacks of lockstorm's, too.
  dispatch(process, 'setSourceMapsEnabled', () => undefined)
  dispatch(process, 'abort', (simulated) => exit(simulated, undefined))
  forbid(
    process,
    'process',
    ['chdir', 'kill', 'setUncaughtExceptionCaptureCallback'],
    'it would change lockstorm itself',
    'leave it out of what is under test',
  )
  installPrinting('stdout')
  installPrinting('stderr')
}

/** Each simulated process has listeners of its own. */
function installListening(emitter: EventEmitter, ownOf: (simulated: SimProcess) => EventEmitter): void {
  for (const name of LISTENING) {
    dispatch(emitter, name, (simulated: SimProcess, ...args: never[]) => {
      const own = ownOf(simulated)
      const answer = (own[name] as (...args: never[]) => unknown).apply(own, args)
      return answer === own ? emitter : answer
    })
  }
}

/** What code prints is heard, or goes where the host's output goes, which is never full. */
function installPrinting(name: 'stdout' | 'stderr'): void {
  const stream = process[name]
  const { write } = stream
  const print = (...args: Parameters<typeof write>): boolean => {
    if (running.process === null) return write.apply(stream, args)
    const [piece, encoding] = args
    if (!hearPrinted(piece))
      asOurselves(() =>
        typeof encoding === 'string' ? write.call(stream, piece, encoding) : write.call(stream, piece),
      )
    for (const written of args) if (typeof written === 'function') process.nextTick(written)
    return true
  }
  stream.write = print as typeof write
  installListening(stream, (simulated) => machineOf(simulated)[name])
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
