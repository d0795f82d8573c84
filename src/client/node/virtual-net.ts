/**
 * `net.connect`, `tls.connect` and `dns.lookup` (with its promise) inside a world: sockets lead into the simulated network.
 *
 * Hosts are the names of the world's processes (`redis-1`) and what the network knows as other names for them: `localhost`,
 * so that code with default options works unmodified. Outside a world all of this is the real thing.
 */
import dns from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'
import net from 'node:net'
import tls from 'node:tls'
import type { Address } from '../../net/names.ts'
import { networkOf } from '../../net/network.ts'
import { running } from '../../sim/world.ts'
import { VirtualSocket } from './socket.ts'

type AnyFunction = (...args: unknown[]) => unknown
type Target = Record<string, unknown>

const DEFAULT_PORT = 6379
let isInstalled = false

/** Installs the virtual network functions; calling it again does nothing. */
export function installVirtualNet(): void {
  if (isInstalled) return
  isInstalled = true
  for (const name of ['connect', 'createConnection']) intercept(net, name, false)
  intercept(tls, 'connect', true)
  installLookup()
  syncBuiltinESMExports()
}

function intercept(target: object, name: string, isTls: boolean): void {
  const real = (target as Target)[name] as AnyFunction
  ;(target as Target)[name] = function (this: unknown, ...args: unknown[]): unknown {
    const { process } = running
    if (process === null) return real.apply(this, args)
    const network = networkOf(process.world)
    const { host, port } = network.resolve(addressOf(args))
    const socket = new VirtualSocket(process, network, host, port, isTls)
    const listener = args.at(-1)
    if (typeof listener === 'function') socket.once(isTls ? 'secureConnect' : 'connect', listener as () => void)
    return socket
  }
}

/** Reads `connect(options)`, `connect(port, host)` and `connect(path)`. */
function addressOf(args: readonly unknown[]): Address {
  const [first, second] = args
  const options =
    typeof first === 'object' && first !== null
      ? (first as { host?: string; port?: number | string })
      : { port: first as number, host: typeof second === 'string' ? second : undefined }
  return { host: options.host ?? 'localhost', port: Number(options.port ?? DEFAULT_PORT) }
}

function installLookup(): void {
  const real = dns.lookup as unknown as AnyFunction
  ;(dns as unknown as Target).lookup = (host: string, ...rest: unknown[]): unknown => {
    const { process } = running
    if (process === null) return real(host, ...rest)
    const callback = rest.at(-1) as (error: null, address: unknown, family?: number) => void
    const isAll = typeof rest[0] === 'object' && rest[0] !== null && (rest[0] as { all?: boolean }).all === true
    // The name is the address: the simulated network is addressed by process names.
    process.setImmediate(() => (isAll ? callback(null, [{ address: host, family: 4 }]) : callback(null, host, 4)))
    return undefined
  }
  const { promises } = dns
  const realPromise = promises.lookup as unknown as AnyFunction
  ;(promises as unknown as Target).lookup = (host: string, options?: unknown): unknown => {
    const { process } = running
    if (process === null) return realPromise(host, options)
    const isAll = typeof options === 'object' && options !== null && (options as { all?: boolean }).all === true
    const found = { address: host, family: 4 }
    return new Promise((resolve) => {
      process.setImmediate(() => resolve(isAll ? [found] : found))
    })
  }
}
