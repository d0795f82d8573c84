/**
 * Connections of a simulated process: `net.connect`, `tls.connect` and `dns` lead into the simulated network. Every other way
 * to a socket is refused, whatever package takes it: they all end in `net.Socket.prototype.connect`.
 *
 * Outside of worlds a socket is real, until `sealConnections` says that this process has code under test in it.
 */
import dgram from 'node:dgram'
import dns from 'node:dns'
import http from 'node:http'
import http2 from 'node:http2'
import https from 'node:https'
import net from 'node:net'
import tls from 'node:tls'
import type { Address } from '../net/names.ts'
import { networkOf } from '../net/network.ts'
import type { SimProcess } from '../sim/process.ts'
import { running } from '../sim/world.ts'
import { type AnyFunction, dispatch, forbid, type Target } from './dispatch.ts'
import { isOurselves } from './door.ts'
import { leadTo } from './names.ts'
import { refuse } from './refuse.ts'
import { VirtualSocket } from './socket.ts'

const FIX = 'use the client that the lock is given, or one that connects with net.connect or tls.connect'
const NO_SERVICE = 'there is no such service in a simulated world'
const NO_LISTENING = 'nobody outside of a simulated machine can reach it'
const ASK_HANDLER =
  'listen only where the program starts (require.main === module), and ask the handler itself: with `ask` of lockstorm, app.inject or app.request'

const DEFAULT_PORT = 6379
let isSealed = false

/** From now on only lockstorm itself opens real sockets in this process. */
export function sealConnections(): void {
  isSealed = true
}

/** Lets what lockstorm uses open sockets again, when no code under test runs any more. */
export function unsealConnections(): void {
  isSealed = false
}

/** Makes connections of simulated processes virtual. */
export function installNet(): void {
  // First, while nothing that they lead to has been replaced.
  guard(net.Socket.prototype, 'connect', 'net.Socket.connect')
  for (const name of ['_write', '_writev']) guard(net.Socket.prototype, name, 'net.Socket.write')
  for (const name of ['bind', 'connect', 'send']) guard(dgram.Socket.prototype, name, `dgram.Socket.${name}`)
  for (const name of ['connect', 'createConnection']) intercept(net, name, false)
  intercept(tls, 'connect', true)
  for (const [name, module] of Object.entries({ http, https })) {
    forbid(module, name, ['request', 'get'], NO_SERVICE, FIX)
  }
  forbid(http2, 'http2', ['connect'], NO_SERVICE, FIX)
  forbid(globalThis, 'globalThis', ['WebSocket', 'EventSource'], NO_SERVICE, FIX)
  forbid(net.Server.prototype, 'net.Server', ['listen'], NO_LISTENING, ASK_HANDLER)
  installDns()
}

/** A socket that is real already, as far as it can still be kept from doing anything. */
function guard(prototype: object, name: string, call: string): void {
  const real = (prototype as Target)[name] as AnyFunction
  ;(prototype as Target)[name] = function (this: { readonly _isStdio?: boolean }, ...args: never[]): unknown {
    if (running.process !== null && this._isStdio !== true)
      refuse(`${call}()`, 'it would leave the simulated world', FIX)
    if (isSealed && !isOurselves() && name !== '_write' && name !== '_writev')
      refuse(`${call}()`, 'code under test reaches no real server', FIX)
    return real.apply(this, args)
  }
}

function intercept(target: object, name: string, isTls: boolean): void {
  dispatch(target, name, (process: SimProcess, ...args: unknown[]) => {
    const network = networkOf(process.world)
    const { host, port } = leadTo(network, addressOf(args))
    const socket = new VirtualSocket(process, network, host, port, isTls)
    const listener = args.at(-1)
    if (typeof listener === 'function') socket.once(isTls ? 'secureConnect' : 'connect', listener as () => void)
    return socket
  })
}

/** Reads `connect(options)`, `connect(port, host)` and `connect(path)`. */
function addressOf(args: readonly unknown[]): Address {
  const [first, second] = args
  const options = (
    typeof first === 'object' && first !== null
      ? first
      : typeof first === 'string' && Number.isNaN(Number(first))
        ? { path: first }
        : { port: first, host: typeof second === 'string' ? second : undefined }
  ) as { readonly host?: string; readonly port?: number | string; readonly path?: string }
  if (typeof options.path === 'string') return { host: options.path, port: 0 }
  return { host: options.host ?? 'localhost', port: Number(options.port ?? DEFAULT_PORT) }
}

/** A name is its own address: the simulated network is addressed by names. */
function installDns(): void {
  const found = (host: string, options: unknown): unknown => {
    const isAll = typeof options === 'object' && options !== null && (options as { all?: boolean }).all === true
    return isAll ? [{ address: host, family: 4 }] : { address: host, family: 4 }
  }
  dispatch(dns, 'lookup', (process: SimProcess, host: string, ...rest: unknown[]) => {
    const callback = rest.at(-1) as (error: null, address: unknown, family?: number) => void
    const answer = found(host, rest[0])
    process.setImmediate(() => (Array.isArray(answer) ? callback(null, answer) : callback(null, host, 4)))
  })
  dispatch(
    dns.promises,
    'lookup',
    (process: SimProcess, host: string, options: unknown) =>
      new Promise((resolve) => {
        process.setImmediate(() => resolve(found(host, options)))
      }),
  )
  for (const name of ['resolve', 'resolve4']) {
    dispatch(dns, name, (process: SimProcess, host: string, ...rest: unknown[]) => {
      process.setImmediate(() => (rest.at(-1) as (error: null, addresses: string[]) => void)(null, [host]))
    })
    dispatch(dns.promises, name, async (_process: SimProcess, host: string) => [host])
  }
  const others = ['lookupService', 'resolve6', 'resolveAny', 'resolveCname', 'resolveMx', 'resolveSrv', 'resolveTxt']
  for (const [call, module] of [
    ['dns', dns],
    ['dns.promises', dns.promises],
  ] as const) {
    forbid(
      module,
      call,
      [...others, 'reverse'],
      'the simulated network has names, and nothing else in its name service',
      FIX,
    )
  }
}
