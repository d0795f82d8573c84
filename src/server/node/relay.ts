/**
 * A worker thread that joins Unix domain sockets, which a world can use synchronously, with a server anywhere: TCP or
 * TLS, with a password and a database.
 *
 * Each connection is introduced to the server (AUTH, SELECT) before the first byte of its client goes through. Whatever
 * the server says is passed on in the order in which it came, connection by connection; what the control connection
 * hears is passed on last, so that its PONG overtakes nothing that came before.
 *
 * As in `hang-guard.ts` the worker's code is a function turned into text, which uses nothing from outside itself.
 */
import type { Server, Socket } from 'node:net'
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'

/** Where the server is and how to be let in. */
export interface Target {
  readonly host: string
  readonly port: number
  readonly tls: boolean
  /** Certificates (PEM) to trust besides the usual ones; null: none. */
  readonly ca: string | null
  /** Commands sent ahead on each connection, RESP each, and answered with one line each. */
  readonly introduction: readonly string[]
}

export class Relay {
  readonly #worker: Worker
  /** Ends all connections: what the hang guard is given. */
  readonly ending: MessagePort

  private constructor(worker: Worker, ending: MessagePort) {
    this.#worker = worker
    this.ending = ending
  }

  /** Listens on two paths: one for clients, one for control connections. */
  static async start(target: Target, paths: { readonly client: string; readonly control: string }): Promise<Relay> {
    const { port1, port2 } = new MessageChannel()
    const code = `(${join})(process.getBuiltinModule('node:worker_threads'))`
    const worker = new Worker(code, {
      eval: true,
      execArgv: [],
      workerData: { target, paths, ending: port2 },
      transferList: [port2],
    })
    worker.unref()
    await new Promise<void>((resolve, reject) => {
      worker.ref()
      worker.once('message', () => {
        worker.unref()
        resolve()
      })
      worker.once('error', reject)
    })
    return new Relay(worker, port1)
  }

  async close(): Promise<void> {
    this.ending.close()
    await this.#worker.terminate()
  }
}

interface WorkerSide {
  readonly workerData: {
    readonly target: Target
    readonly paths: { readonly client: string; readonly control: string }
    readonly ending: MessagePort
  }
  readonly parentPort: MessagePort | null
}

/** Runs in the worker. */
function join({ workerData, parentPort }: WorkerSide): void {
  const net = process.getBuiltinModule('node:net')
  const tls = process.getBuiltinModule('node:tls')
  const { target, paths, ending } = workerData
  const sockets = new Set<Socket>()
  const listen = (path: string, isControl: boolean): Server =>
    net
      .createServer({ allowHalfOpen: false }, (near) => accept(near, isControl))
      .listen(path, () => {
        listening += 1
        if (listening === 2) parentPort?.postMessage('listening')
      })
  let listening = 0

  const accept = (near: Socket, isControl: boolean): void => {
    const { host, port } = target
    const far = target.tls
      ? tls.connect({
          host,
          port,
          servername: net.isIP(host) === 0 ? host : '',
          ...(target.ca === null ? {} : { ca: [...tls.rootCertificates, target.ca] }),
        })
      : net.connect({ host, port })
    far.setNoDelay(true)
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroySoon()
      })
    }
    for (const command of target.introduction) far.write(command, 'latin1')
    let linesToSkip = target.introduction.length
    near.on('data', (bytes) => far.write(bytes))
    far.on('data', (bytes: Buffer) => {
      let rest = bytes
      while (linesToSkip > 0) {
        const end = rest.indexOf(10)
        if (end === -1) return
        // An answer that begins with a minus is a refusal: the provider has tried before, so rights were taken away since.
        if (rest[0] === 45) return void near.destroy()
        rest = rest.subarray(end + 1)
        linesToSkip -= 1
      }
      if (rest.length === 0) return
      if (isControl) setImmediate(() => near.write(rest))
      else near.write(rest)
    })
  }

  listen(paths.client, false)
  listen(paths.control, true)
  ending.on('message', () => {
    for (const socket of sockets) socket.destroy()
  })
}
