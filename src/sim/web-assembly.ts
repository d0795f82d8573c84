/** Whether this Node can run what Redis's scripts run on. */
import { UsageError } from './usage-error.ts'

/** @throws UsageError where Node has no WebAssembly: V8 takes it away with `--jitless`, in every version. */
export function requireWebAssembly(): void {
  if ('WebAssembly' in globalThis) return
  const problem = 'this Node has no WebAssembly, which the scripts of the in-memory Redis run on'
  throw new UsageError('node', problem, 'leave out --jitless (of the command or in NODE_OPTIONS)')
}
