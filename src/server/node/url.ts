/**
 * `--redis redis://…`: a server that the user has, and that others may use at the same time.
 *
 * Models          the real server in its real surroundings: ACL users, TLS, whatever version and modules it has.
 * Does not model  virtual time: the world waits for the wall clock, so a run cannot be replayed exactly; crashes and
 *                 restarts of the server, which are not ours to cause.
 *
 * Invariants
 * - Every key is under a prefix of this run, each node's under its own; a prefix under which there are keys is refused.
 * - Only keys under the prefix are ever deleted, by UNLINK; nothing is flushed.
 * - The password appears in no message.
 */
import { randomUUID } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { toBytes } from '../../redis/bytes.ts'
import { encodeRequest } from '../../redis/resp/encode-request.ts'
import { assertNever } from '../../sim/assert.ts'
import { UsageError } from '../../sim/usage-error.ts'
import type { KeyState, RedisServer, ServerConnection, ServerSink } from '../server.ts'
import { REFUSING_STATES, STATE_CODES, type Trouble } from '../trouble.ts'
import { Bridge, type BridgeEnd } from './bridge.ts'
import { HangGuard } from './hang-guard.ts'
import { KeyObserver } from './key-observer.ts'
import { type CommandSpec, KeyPrefix } from './key-prefix.ts'
import { deleteKeys, introduction, knock } from './knock.ts'
import { ANSWER_LIMIT_MS, PACED, type RealServerProvider } from './redis-server.ts'
import { parseRedisUrl, type RedisUrl } from './redis-url.ts'
import { Relay } from './relay.ts'
import { RunFolder } from './run-folder.ts'
import { describedAs } from './said-version.ts'
import { PacedClock } from './server-clock.ts'
import { ServerLostError } from './server-lost-error.ts'
import { SyncSocket } from './sync-socket.ts'

const UNLINK_COUNT = 100

export interface UrlProviderOptions {
  readonly url: string
  /** What the keys of this run begin with; default: something unique. */
  readonly prefix?: string
  /** A file with certificates (PEM) to trust besides the usual ones. */
  readonly caFile?: string
  /** A server that does not answer for so long, in real time, is given up. */
  readonly answerLimitMs?: number
}

/** Connects to the server and finds out whether it can be used: throws a ServerUnreachableError otherwise. */
export async function createUrlProvider(options: UrlProviderOptions): Promise<RealServerProvider> {
  const url = parseRedisUrl(options.url)
  const prefix = options.prefix ?? `lockstorm:${randomUUID().slice(0, 8)}:`
  if (!/^[\w:.-]+$/.test(prefix)) {
    throw new UsageError('--redis', `expected a prefix of letters, digits, and _ : . -, got ${JSON.stringify(prefix)}`)
  }
  const limitMs = options.answerLimitMs ?? ANSWER_LIMIT_MS
  const ca = options.caFile === undefined ? null : readCertificates(options.caFile)
  const { specs, version } = await knock(url, prefix, { ca, limitMs })

  const folder = new RunFolder()
  const paths = { client: path.join(folder.path, 'client'), control: path.join(folder.path, 'control') }
  const sayFirst = introduction(url).map((command) => encodeRequest(command.map(toBytes)))
  const relay = await Relay.start({ host: url.host, port: url.port, tls: url.tls, ca, introduction: sayFirst }, paths)
  const guard = new HangGuard(limitMs)
  const shared: SharedServer = {
    url,
    specs,
    guard,
    paths,
    guardTarget: guard.register({ kind: 'tell', port: relay.ending }),
  }
  const nodes = new Set<SharedNode>()
  let worlds = 0
  let isClosed = false
  const name = `${version?.server === 'valkey' ? 'Valkey' : 'Redis'} ${version?.number ?? 'of unknown version'}`
  const description = `${url.redacted} (${name}), paced, keys under ${prefix}`
  return {
    kind: 'url',
    description,
    descriptionOf: describedAs(description, version),
    deterministic: false,
    lacks: ['script-flush', 'right', ...REFUSING_STATES],
    warning: `a server of your own keeps its own time: ${PACED}`,
    node: (name, { nowUs }) => {
      worlds += 1
      // Another prefix each time, so that what a world has left behind cannot reach the next.
      const node: SharedNode = new SharedNode(shared, name, `${prefix}${worlds}:`, nowUs, () => nodes.delete(node))
      nodes.add(node)
      return node
    },
    close: async () => {
      if (isClosed) return
      isClosed = true
      for (const node of nodes) node.stop()
      await relay.close()
      await guard.close()
      await folder.close()
      await deleteKeys(url, prefix, { ca, limitMs })
    },
  }
}

function readCertificates(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8')
  } catch (cause) {
    throw new UsageError('--redis', `expected a file with certificates at ${file}, which cannot be read`, '', { cause })
  }
}

/** What all nodes on one user's server share. */
interface SharedServer {
  readonly url: RedisUrl
  readonly specs: ReadonlyMap<string, CommandSpec>
  readonly guard: HangGuard
  readonly guardTarget: number
  readonly paths: { readonly client: string; readonly control: string }
}

/** A part of a user's server as a node of a world. */
class SharedNode implements RedisServer, BridgeEnd {
  readonly guardTarget: number
  readonly #shared: SharedServer
  readonly #name: string
  readonly #prefix: string
  readonly #onStop: () => void
  readonly #touched = new Set<string>()
  readonly #clock: PacedClock
  readonly #bridge: Bridge
  readonly #observer: KeyObserver
  #isStopped = false

  constructor(shared: SharedServer, name: string, prefix: string, nowUs: number, onStop: () => void) {
    this.guardTarget = shared.guardTarget
    this.#shared = shared
    this.#name = name
    this.#prefix = prefix
    this.#onStop = onStop
    this.#clock = new PacedClock(nowUs)
    this.#bridge = new Bridge(this, this.#clock, shared.guard)
    this.#observer = new KeyObserver(this.#bridge, this.#clock)
  }

  open(purpose: 'client' | 'control'): SyncSocket | null {
    return SyncSocket.open(this.#shared.paths[purpose])
  }

  lost(reason: string): ServerLostError {
    return new ServerLostError(`${this.#name} (${this.#shared.url.redacted})`, reason, [])
  }

  connect(sink: ServerSink): ServerConnection {
    const { specs, url } = this.#shared
    const connection = this.#bridge.connect(
      sink,
      new KeyPrefix({ prefix: this.#prefix, specs, database: url.database, touched: this.#touched }),
    )
    return {
      receive: (bytes) => this.#bridge.receive(connection, bytes),
      execute: (args) => this.#bridge.execute(connection, args),
      close: () => this.#bridge.disconnect(connection),
    }
  }

  setClock(nowUs: number): void {
    this.#clock.set(nowUs)
  }

  wakeAtMs(): number | null {
    return this.#bridge.wakeAtMs()
  }

  wake(): void {
    this.#bridge.wake()
  }

  observe(key: string): KeyState | null {
    return this.#observer.observe(this.#prefix + key)
  }

  get isPaused(): boolean {
    return this.#bridge.isPaused
  }

  /** What stays within the prefix; the rest would reach other users of the server. */
  suffer(trouble: Trouble): string | null {
    switch (trouble.kind) {
      case 'flush':
        this.#unlink([...this.#touched])
        return null
      case 'evict':
        this.#unlink([this.#prefix + trouble.key])
        return null
      case 'script-flush':
        return `the scripts of ${this.#shared.url.redacted} are not ours to flush`
      case 'state':
        return `${this.#shared.url.redacted} is not ours to make answer ${STATE_CODES[trouble.state]}`
      case 'right':
        return `the users of ${this.#shared.url.redacted} are not ours to forbid anything`
      default:
        return assertNever(trouble)
    }
  }

  restart(): never {
    throw new UsageError(
      '--redis',
      `${this.#shared.url.redacted} is not ours to restart`,
      'use --redis server or memory for storms that restart a node',
    )
  }

  stop(): void {
    if (this.#isStopped) return
    this.#isStopped = true
    this.#bridge.closeClients()
    this.#deleteKeys()
    this.#bridge.close()
    this.#onStop()
  }

  #unlink(keys: readonly string[]): void {
    for (let index = 0; index < keys.length; index += UNLINK_COUNT) {
      this.#bridge.ask([['UNLINK', ...keys.slice(index, index + UNLINK_COUNT)]])
    }
    this.#bridge.wakeListeners()
  }

  /** What the world's commands have named; what only its scripts know goes when the provider is closed. */
  #deleteKeys(): void {
    try {
      this.#unlink([...this.#touched])
    } catch (error) {
      if (!(error instanceof ServerLostError)) throw error
      // Closing the provider tries once more, and says so when it fails.
    }
  }
}
