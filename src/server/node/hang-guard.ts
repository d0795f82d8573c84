/**
 * A real-time limit on every wait for a real server.
 *
 * A world's thread that waits in a read cannot look at a clock, so a worker thread does: it sees in shared memory which
 * wait is running and kills the server when it is still the same one after the limit. The read then ends with "gone".
 *
 * The worker's code is a function turned into text: a worker file would have to be found both as `.ts` (tests) and as
 * `.js` (the package). It must therefore not use anything from outside itself.
 */
import { Worker } from 'node:worker_threads'

const CHECK_MS = 250

/** Slots of the shared memory: the server that is waited for (0: none), the number of the wait, the wait that was ended. */
const PID = 0
const WAIT = 1
const ENDED = 2

export class HangGuard {
  readonly limitMs: number
  readonly #state = new Int32Array(new SharedArrayBuffer(12))
  readonly #worker: Worker

  constructor(limitMs: number) {
    this.limitMs = limitMs
    // Not `require`: the text is a module when this process was started with `--input-type=module`.
    const code = `(${watch})(process.getBuiltinModule('node:worker_threads').workerData)`
    this.#worker = new Worker(code, {
      eval: true,
      execArgv: [],
      workerData: { state: this.#state, checkMs: CHECK_MS, limitMs },
    })
    this.#worker.unref()
  }

  /** From now on the thread may be waiting for the server with this process id. */
  begin(pid: number): void {
    Atomics.add(this.#state, WAIT, 1)
    Atomics.store(this.#state, PID, pid)
  }

  /** It waits no longer. */
  end(): void {
    Atomics.store(this.#state, PID, 0)
  }

  /** Whether the wait that ended last was ended by killing the server. */
  get hasKilled(): boolean {
    return Atomics.load(this.#state, ENDED) === Atomics.load(this.#state, WAIT)
  }

  async close(): Promise<void> {
    await this.#worker.terminate()
  }
}

/** Runs in the worker. */
function watch({ state, checkMs, limitMs }: { state: Int32Array; checkMs: number; limitMs: number }): void {
  let seen = 0
  let sinceMs = 0
  setInterval(() => {
    const wait = Atomics.load(state, 1)
    const pid = Atomics.load(state, 0)
    if (pid === 0 || wait !== seen) {
      seen = wait
      sinceMs = 0
      return
    }
    sinceMs += checkMs
    if (sinceMs < limitMs) return
    Atomics.store(state, 2, wait)
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has died by itself since: then the read has ended too.
    }
  }, checkMs)
}
