/**
 * Where server processes run: on this machine, or (see `container.ts`) in a container.
 */
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import { realFs } from '../../host/door.ts'
import type { HangGuard } from './hang-guard.ts'
import type { RunFolder } from './run-folder.ts'

/** What a server process is started with. */
export interface Launch {
  /** Its working folder, in which it finds its clock and leaves its log. */
  readonly folder: string
  readonly arguments: readonly string[]
  readonly logPath: string
  /** The file of its virtual clock; null: it has none. */
  readonly clockPath: string | null
  /** The socket at which its connections to other servers are made ready; null: it has none. */
  readonly linksPath: string | null
  /** The socket in place of the port of its cluster's bus; missing: it is a node of none. */
  readonly busPath?: string
}

/** A server process that was started. */
export interface Running {
  /** The number under which the hang guard knows it. */
  readonly guardTarget: number
  /** Whether it is known to be dead. */
  hasEnded(): boolean
  /** SIGKILL. */
  kill(): void
  /** Whether a child process of it runs; missing: that cannot be told. */
  hasChild?(): boolean
}

export interface Launcher {
  /** What is started, for messages. */
  readonly program: string
  /** The library that makes clocks virtual; null: there is none. */
  readonly preload: string | null
  /** Starts a process; null when the program cannot be run. */
  launch(launch: Launch): Running | null
}

/** Child processes of this one. */
export class LocalLauncher implements Launcher {
  readonly program: string
  readonly preload: string | null
  readonly #folder: RunFolder
  readonly #guard: HangGuard

  constructor(program: string, preload: string | null, folder: RunFolder, guard: HangGuard) {
    this.program = program
    this.preload = preload
    this.#folder = folder
    this.#guard = guard
  }

  launch({ folder, arguments: args, logPath, clockPath, linksPath, busPath }: Launch): Running | null {
    const log = fs.openSync(logPath, 'w')
    const child = spawn(this.program, args, {
      cwd: folder,
      stdio: ['ignore', log, log],
      // A session of its own: Ctrl-C in the terminal must not reach the server.
      detached: true,
      env: {
        ...process.env,
        ...(this.preload !== null && clockPath !== null
          ? { LD_PRELOAD: this.preload, LOCKSTORM_CLOCK: clockPath, LOCKSTORM_PARENT: String(process.pid) }
          : {}),
        ...(linksPath === null ? {} : { LOCKSTORM_LINKS: linksPath }),
        ...(busPath === undefined ? {} : { LOCKSTORM_BUS: busPath }),
      },
    })
    fs.closeSync(log)
    child.unref()
    const { pid } = child
    if (pid === undefined) {
      child.on('error', () => {})
      return null
    }
    let isReaped = false
    this.#folder.started(pid)
    child.on('exit', () => {
      isReaped = true
      this.#folder.ended(pid)
    })
    return {
      guardTarget: this.#guard.register({ kind: 'kill', pid }),
      hasEnded: () => isReaped || isZombie(pid),
      kill: () => {
        if (!isReaped) process.kill(pid, 'SIGKILL')
      },
      hasChild: () => childrenOf(pid).some((child) => !isZombie(child)),
    }
  }
}

/** Dead, and not yet noticed by this thread's event loop, which stands still while a world runs. */
function isZombie(pid: number): boolean {
  try {
    const stat = realFs.readFileSync(`/proc/${pid}/stat`, 'latin1')
    return stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z')
  } catch {
    // No /proc (macOS): code that waits for the process has a limit.
    return false
  }
}

/** Of its only thread that starts any. */
function childrenOf(pid: number): readonly number[] {
  const text = realFs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1')
  return text.split(' ').filter(Boolean).map(Number)
}
