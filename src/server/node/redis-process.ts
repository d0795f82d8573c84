/**
 * One real `redis-server` process, started and killed synchronously.
 *
 * It listens on a Unix domain socket in the run's private folder and on no port: nothing to collide with, nothing that
 * another user of the machine can reach, and the only kind of connection that Node can open inside a synchronous call.
 *
 * Models          start, kill -9, start again in the same folder.
 * Does not model  a graceful shutdown: every end is a crash, data survives because of SAVE before it.
 */

import fs from 'node:fs'
import path from 'node:path'
import { asOurselves, realFs } from '../../host/door.ts'
import { ClockFile } from './clock-file.ts'
import type { HangGuard } from './hang-guard.ts'
import type { Launcher, Running } from './launcher.ts'
import { ServerLostError } from './server-lost-error.ts'
import { sleep } from './sleep.ts'
import { SyncSocket } from './sync-socket.ts'

const START_LIMIT_MS = 10_000
const LAST_LINES = 5
const LOG_TAIL_BYTES = 256 * 1024
/** What the folder holds besides the server's data. */
const NODES_FILE = 'nodes.conf'
/** What it is among others is no data: a node of a cluster knows that for ever. */
const OWN_FILES = new Set(['socket', 'links', 'bus', 'log', 'clock', 'pid', NODES_FILE])
/** What a server writes with SAVE, and reads when it starts. */
const SNAPSHOT = 'dump.rdb'
const SENTINEL_FILE = 'sentinel.conf'
/** A server of data. The bridge counts on one cron every 100 ms, however many clients there are. */
const DATA_SETTINGS = ['--save', '', '--appendonly', 'no', '--hz', '10', '--dynamic-hz', 'no']

export interface RedisProcessOptions {
  readonly launcher: Launcher
  readonly guard: HangGuard
  /** The run's folder. */
  readonly runFolder: string
  /** A number that no other process of this run has. */
  readonly number: number
  /** It has connections to other servers, which lead to the world (`peer-links.ts`). */
  readonly hasPeers?: boolean
  /** It is a Sentinel, with this configuration file, which it writes to. */
  readonly sentinelFile?: string
  /** It is a node of a cluster, with this file of nodes, which it writes to. */
  readonly nodesFile?: string
}

export class RedisProcess {
  /** What errors call it; the world's node that uses it now. */
  node: string
  readonly clock: ClockFile | null
  readonly #launcher: Launcher
  readonly #guard: HangGuard
  readonly #folder: string
  readonly #socketPath: string
  readonly #logPath: string
  readonly #linksPath: string | null
  readonly #busPath: string | null
  readonly #isSentinel: boolean
  #running: Running | null = null

  constructor({ launcher, guard, runFolder, number, hasPeers = false, sentinelFile, nodesFile }: RedisProcessOptions) {
    this.#launcher = launcher
    this.#guard = guard
    this.node = `server ${number}`
    this.#folder = path.join(runFolder, String(number))
    fs.mkdirSync(this.#folder)
    this.#socketPath = path.join(this.#folder, 'socket')
    this.#logPath = path.join(this.#folder, 'log')
    this.#linksPath = hasPeers ? path.join(this.#folder, 'links') : null
    this.#isSentinel = sentinelFile !== undefined
    if (sentinelFile !== undefined) realFs.writeFileSync(path.join(this.#folder, SENTINEL_FILE), sentinelFile)
    this.#busPath = nodesFile === undefined ? null : path.join(this.#folder, 'bus')
    if (nodesFile !== undefined) realFs.writeFileSync(path.join(this.#folder, NODES_FILE), nodesFile)
    this.clock = launcher.preload === null ? null : new ClockFile(path.join(this.#folder, 'clock'))
  }

  get guardTarget(): number {
    return this.#running?.guardTarget ?? 0
  }

  /** Whether a child process of the server's runs. */
  hasChild(): boolean {
    return this.#running?.hasChild?.() ?? false
  }

  /** Starts the process and waits until it accepts connections; `settings`: lines of its redis.conf. */
  start(settings: readonly (readonly [string, string])[] = []): void {
    asOurselves(() => this.#start(settings))
  }

  #start(settings: readonly (readonly [string, string])[]): void {
    this.#running = this.#launcher.launch({
      folder: this.#folder,
      arguments: [
        ...(this.#isSentinel ? [path.join(this.#folder, SENTINEL_FILE)] : DATA_SETTINGS),
        ...['--port', '0', '--unixsocket', this.#socketPath, '--unixsocketperm', '777'],
        ...['--dir', this.#folder, '--daemonize', 'no'],
        ...(this.#isSentinel ? ['--sentinel'] : []),
        ...settings.flatMap(([name, value]) => [`--${name}`, ...value.split(' ')]),
      ],
      logPath: this.#logPath,
      clockPath: this.clock?.path ?? null,
      linksPath: this.#linksPath,
      ...(this.#busPath === null ? {} : { busPath: this.#busPath }),
    })
    if (this.#running === null) throw this.lost(`could not be started: ${this.#launcher.program} cannot be run`)
    this.#waitUntilReady(this.#running)
  }

  /** Waits for the socket, then for an answer that is not LOADING. */
  #waitUntilReady(running: Running): void {
    for (let waitedMs = 0; waitedMs < START_LIMIT_MS; waitedMs += 1) {
      const socket = this.open()
      if (socket !== null) {
        this.#guard.begin(running.guardTarget)
        const isReady = socket.write('PING\r\n') && socket.read() === '+PONG\r\n'
        this.#guard.end()
        socket.close()
        if (isReady) return
      }
      if (running.hasEnded()) {
        this.#running = null
        throw this.lost('ended while it started')
      }
      sleep(1)
    }
    this.kill()
    throw this.lost(`was not ready after ${START_LIMIT_MS / 1000} s`)
  }

  /** A connection to the server; null when it does not listen. */
  open(): SyncSocket | null {
    return fs.existsSync(this.#socketPath) ? SyncSocket.open(this.#socketPath) : null
  }

  /** A connection that it may use to reach another server; null: it has none. */
  openSpare(): SyncSocket | null {
    return this.#linksPath === null ? null : SyncSocket.open(this.#linksPath)
  }

  /** A connection to the bus of its cluster; null: it does not listen there. */
  openBus(): SyncSocket | null {
    return this.#busPath === null ? null : SyncSocket.open(this.#busPath)
  }

  /** What it will have when it starts next. */
  writeSnapshot(bytes: string): void {
    realFs.writeFileSync(path.join(this.#folder, SNAPSHOT), bytes, 'latin1')
  }

  /** What it has saved. */
  readSnapshot(): string {
    return realFs.readFileSync(path.join(this.#folder, SNAPSHOT), 'latin1')
  }

  /** Kills the process; when this returns it has let go of its sockets and files. */
  kill(): void {
    asOurselves(() => this.#kill())
  }

  #kill(): void {
    if (this.#running === null) return
    const witness = this.open()
    this.#running.kill()
    // The kernel closes a dead process's sockets; whatever the server still sends comes before that.
    while (witness !== null && witness.read() !== '') {}
    witness?.close()
    fs.rmSync(this.#socketPath, { force: true })
    this.#running = null
  }

  /** Forgets what was saved; the next start finds no data. */
  removeData(): void {
    for (const name of realFs.readdirSync(this.#folder)) {
      if (!OWN_FILES.has(name)) realFs.rmSync(path.join(this.#folder, name), { recursive: true, force: true })
    }
  }

  /** The error for a server that is gone, with what it wrote last. */
  lost(reason: string): ServerLostError {
    return new ServerLostError(this.node, reason, this.#lastLines())
  }

  /** The end of the log, or the beginning of its bug report: a crashed Redis writes pages, and ends with advice. */
  #lastLines(): string[] {
    const text = fs.existsSync(this.#logPath) ? fs.readFileSync(this.#logPath, 'latin1').slice(-LOG_TAIL_BYTES) : ''
    const lines = text.split('\n').filter((line) => line.trim() !== '')
    const report = lines.findIndex((line) => line.includes('BUG REPORT START'))
    return report === -1 ? lines.slice(-LAST_LINES) : lines.slice(report, report + LAST_LINES)
  }

  /** Ends it for good. */
  close(): void {
    this.kill()
    this.clock?.close()
    fs.rmSync(this.#folder, { recursive: true, force: true })
  }
}
