/**
 * The temporary folder of a run, and the promise that nothing is left of it: no server, no file, however this process ends.
 *
 * A shell waits for the end of its standard input, which closes with this process, also when that gets SIGKILL. It then
 * kills the servers it was told of and removes the folder. It and the servers run in sessions of their own, so that
 * Ctrl-C in a terminal reaches lockstorm only, which may want to finish its report first.
 * (A server with the preload library also dies by itself; the shell is for those without, and for the folder.)
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'

/** A Unix domain socket's path must fit into 104 bytes (macOS) or 108 (Linux); ours adds less than 30 to the folder. */
const PATH_LENGTH_MAX = 70

const GUARD = `
trap '' HUP INT TERM
pids=
while read -r verb pid; do
  case $verb in
    started) pids="$pids $pid" ;;
    ended) rest=; for p in $pids; do [ "$p" = "$pid" ] || rest="$rest $p"; done; pids=$rest ;;
  esac
done
[ -z "$pids" ] || kill -9 $pids 2>/dev/null
rm -rf "$1"
`

export class RunFolder {
  readonly path: string
  readonly #guard: ChildProcess
  #isClosed = false

  constructor() {
    const temporary = os.tmpdir().length <= PATH_LENGTH_MAX ? os.tmpdir() : '/tmp'
    this.path = fs.mkdtempSync(path.join(temporary, 'lockstorm-'))
    this.#guard = spawn('/bin/sh', ['-c', GUARD, 'lockstorm-guard', this.path], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
      cwd: '/',
    })
    // A guard that could not be started or was killed must not end the run; the preload library still guards the servers.
    this.#guard.on('error', () => {})
    this.#guard.stdin!.on('error', () => {})
    this.#guard.unref()
    ;(this.#guard.stdin as unknown as { unref(): void }).unref()
  }

  /** This process is to end with us. */
  started(pid: number): void {
    this.#guard.stdin!.write(`started ${pid}\n`)
  }

  /** This process has ended; its number may soon belong to another one. */
  ended(pid: number): void {
    this.#guard.stdin!.write(`ended ${pid}\n`)
  }

  /** Removes the folder; resolves when the guard is gone. Processes that were started have ended by now. */
  async close(): Promise<void> {
    fs.rmSync(this.path, { recursive: true, force: true })
    if (this.#isClosed) return
    this.#isClosed = true
    if (this.#guard.exitCode !== null || this.#guard.signalCode !== null || this.#guard.pid === undefined) return
    const exit = once(this.#guard, 'exit')
    this.#guard.ref()
    this.#guard.stdin!.end()
    await exit
  }
}
