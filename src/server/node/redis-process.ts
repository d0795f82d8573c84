/**
 * One real `redis-server` process, started and killed synchronously.
 *
 * It listens on a Unix domain socket in the run's private folder and on no port: nothing to collide with, nothing that
 * another user of the machine can reach, and the only kind of connection that Node can open inside a synchronous call.
 *
 * Models          start, kill -9, start again in the same folder.
 * Does not model  a graceful shutdown: every end is a crash, data survives because of SAVE before it.
 */
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { ClockFile } from './clock-file.ts'
import type { HangGuard } from './hang-guard.ts'
import type { RedisBinary } from './redis-binary.ts'
import type { RunFolder } from './run-folder.ts'
import { ServerLostError } from './server-lost-error.ts'
import { sleep } from './sleep.ts'
import { SyncSocket } from './sync-socket.ts'

const START_LIMIT_MS = 10_000
const LAST_LINES = 5
/** What the folder holds besides the server's data. */
const OWN_FILES = new Set(['socket', 'log', 'clock'])
const LOG_TAIL_BYTES = 4096

export interface RedisProcessOptions {
  readonly binary: RedisBinary
  readonly folder: RunFolder
  readonly guard: HangGuard
  /** The library that makes the server's clocks virtual; null: it follows the real ones. */
  readonly preload: string | null
  /** A number that no other process of this run has. */
  readonly number: number
  /** Keep an append-only file, synced after each command. */
  readonly appendOnly?: boolean
}

export class RedisProcess {
  /** What errors call it; the world's node that uses it now. */
  node: string
  readonly clock: ClockFile | null
  readonly #options: RedisProcessOptions
  readonly #folder: string
  readonly #socketPath: string
  readonly #logPath: string
  #pid: number | null = null

  constructor(options: RedisProcessOptions) {
    this.#options = options
    this.node = `server ${options.number}`
    this.#folder = path.join(options.folder.path, String(options.number))
    fs.mkdirSync(this.#folder)
    this.#socketPath = path.join(this.#folder, 'socket')
    this.#logPath = path.join(this.#folder, 'log')
    this.clock = options.preload === null ? null : new ClockFile(path.join(this.#folder, 'clock'))
  }

  get pid(): number {
    return this.#pid ?? 0
  }

  /** Starts the process and waits until it accepts connections. */
  start(): void {
    const { binary, preload, folder, appendOnly } = this.#options
    const log = fs.openSync(this.#logPath, 'w')
    const child = spawn(
      binary.path,
      [
        ...['--port', '0', '--unixsocket', this.#socketPath, '--unixsocketperm', '700'],
        ...['--dir', this.#folder, '--save', '', '--daemonize', 'no'],
        ...(appendOnly ? ['--appendonly', 'yes', '--appendfsync', 'always'] : ['--appendonly', 'no']),
      ],
      {
        cwd: this.#folder,
        stdio: ['ignore', log, log],
        // A session of its own: Ctrl-C in the terminal must not reach the server.
        detached: true,
        env: {
          ...process.env,
          ...(preload !== null && this.clock !== null
            ? { LD_PRELOAD: preload, LOCKSTORM_CLOCK: this.clock.path, LOCKSTORM_PARENT: String(process.pid) }
            : {}),
        },
      },
    )
    fs.closeSync(log)
    child.unref()
    const { pid } = child
    if (pid === undefined) {
      child.on('error', () => {})
      throw this.lost(`could not be started: ${binary.path} cannot be run`)
    }
    this.#pid = pid
    folder.started(pid)
    child.on('exit', () => {
      folder.ended(pid)
      if (this.#pid === pid) this.#pid = null
    })
    this.#waitUntilReady()
  }

  /** Waits for the socket, then for an answer that is not LOADING. */
  #waitUntilReady(): void {
    for (let waitedMs = 0; waitedMs < START_LIMIT_MS; waitedMs += 1) {
      const socket = this.open()
      if (socket !== null) {
        this.#options.guard.begin(this.pid)
        const isReady = socket.write('PING\r\n') && socket.read() === '+PONG\r\n'
        this.#options.guard.end()
        socket.close()
        if (isReady) return
      }
      if (this.#hasEnded()) throw this.lost('ended while it started')
      sleep(1)
    }
    this.kill()
    throw this.lost(`was not ready after ${START_LIMIT_MS / 1000} s`)
  }

  /** A connection to the server; null when it does not listen. */
  open(): SyncSocket | null {
    return fs.existsSync(this.#socketPath) ? SyncSocket.open(this.#socketPath) : null
  }

  /** Kills the process; when this returns it has let go of its sockets and files. */
  kill(): void {
    if (this.#pid === null) return
    const witness = this.open()
    try {
      process.kill(this.#pid, 'SIGKILL')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
    // The kernel closes a dead process's sockets; whatever the server still sends comes before that.
    while (witness !== null && witness.read() !== '') {}
    witness?.close()
    fs.rmSync(this.#socketPath, { force: true })
    this.#pid = null
  }

  /** Forgets what was saved; the next start finds no data. */
  removeData(): void {
    for (const name of fs.readdirSync(this.#folder)) {
      if (!OWN_FILES.has(name)) fs.rmSync(path.join(this.#folder, name), { recursive: true, force: true })
    }
  }

  /** The error for a server that is gone, with what it wrote last. */
  lost(reason: string): ServerLostError {
    return new ServerLostError(this.node, reason, this.#lastLines())
  }

  #lastLines(): string[] {
    const text = fs.existsSync(this.#logPath) ? fs.readFileSync(this.#logPath, 'latin1').slice(-LOG_TAIL_BYTES) : ''
    return text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .slice(-LAST_LINES)
  }

  /** Whether the process is dead; a dead child stays visible as a zombie until this thread's event loop turns. */
  #hasEnded(): boolean {
    try {
      process.kill(this.pid, 0)
    } catch {
      return true
    }
    try {
      const stat = fs.readFileSync(`/proc/${this.pid}/stat`, 'latin1')
      return stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z')
    } catch {
      // No /proc (macOS): the start's time limit decides.
      return false
    }
  }

  /** Ends it for good. */
  close(): void {
    this.kill()
    this.clock?.close()
    fs.rmSync(this.#folder, { recursive: true, force: true })
  }
}
