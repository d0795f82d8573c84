/**
 * `WebAssembly` of a simulated process: compiled at once, and told in the turn that asked. A thread of V8 would do it, of which
 * Node says nothing.
 */
import type { SimProcess } from '../sim/process.ts'
import { requireWebAssembly } from '../sim/web-assembly.ts'
import { dispatch, forbid } from './dispatch.ts'

declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object, imports?: object) => object
}

/** Makes compiling take no turn of the real event loop. */
export function installWebAssembly(): void {
  requireWebAssembly()
  const { Module, Instance } = WebAssembly
  dispatch(WebAssembly, 'compile', async (_process: SimProcess, bytes: Uint8Array) => new Module(bytes))
  dispatch(
    WebAssembly,
    'instantiate',
    async (_process: SimProcess, source: Uint8Array | InstanceType<typeof Module>, imports?: object) => {
      if (source instanceof Module) return new Instance(source, imports)
      const module = new Module(source as Uint8Array)
      return { module, instance: new Instance(module, imports) }
    },
  )
  const streaming = ['compileStreaming', 'instantiateStreaming']
  const why = 'there is nothing to stream from in a simulated world'
  forbid(WebAssembly, 'WebAssembly', streaming, why, 'use WebAssembly.compile or WebAssembly.instantiate')
}
