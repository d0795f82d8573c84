/**
 * A real-time limit on every wait for a real server.
 *
 * A world's thread that waits in a read cannot look at a clock, so a worker thread does: it sees in shared memory which
 * wait is running and ends it when it is still the same one after the limit: it kills the server, or has another part
 * do that. The read then ends with "gone".
 *
 * The worker's code is a function turned into text: a worker file would have to be found both as `.ts` (tests) and as
 * `.js` (the package). It must therefore not use anything from outside itself.
 */
import { type MessagePort, Worker } from 'node:worker_threads'

const CHECK_MS = 250

/** How a wait is ended. */
export type Ending =
  | { readonly kind: 'kill'; readonly pid: number }
  /** A line for a pipe whose other end kills it. */
  | { readonly kind: 'write'; readonly path: string; readonly line: string }
  /** A message for a worker that holds the connections. */
  | { readonly kind: 'tell'; readonly port: MessagePort }

/** Slots of the shared memory: whom the thread waits for (0: none), the number of the wait, the wait that was ended. */
const TARGET = 0
const WAIT = 1
const ENDED = 2

export class HangGuard {
  readonly limitMs: number
  readonly #state = new Int32Array(new SharedArrayBuffer(12))
  readonly #worker: Worker
  #targets = 0

  constructor(limitMs: number) {
    this.limitMs = limitMs
    // Not `require`: the text is a module when this process was started with `--input-type=module`.
    const code = `(${watch})(process.getBuiltinModule('node:worker_threads'))`
    this.#worker = new Worker(code, {
      eval: true,
      execArgv: [],
      workerData: { state: this.#state, checkMs: CHECK_MS, limitMs },
    })
    this.#state[ENDED] = -1
    this.#worker.unref()
  }

  /** Makes a process known that the thread may wait for; returns the number for `begin`. */
  register(ending: Ending): number {
    this.#targets += 1
    this.#worker.postMessage({ target: this.#targets, ending }, ending.kind === 'tell' ? [ending.port] : [])
    return this.#targets
  }

  /** From now on the thread may be waiting for this one. */
  begin(target: number): void {
    Atomics.add(this.#state, WAIT, 1)
    Atomics.store(this.#state, TARGET, target)
  }

  /** It waits no longer. */
  end(): void {
    Atomics.store(this.#state, TARGET, 0)
  }

  /** Whether the wait that ended last was ended by the guard. */
  get hasEnded(): boolean {
    return Atomics.load(this.#state, ENDED) === Atomics.load(this.#state, WAIT)
  }

  async close(): Promise<void> {
    await this.#worker.terminate()
  }
}

interface WorkerSide {
  readonly workerData: { readonly state: Int32Array; readonly checkMs: number; readonly limitMs: number }
  readonly parentPort: MessagePort | null
}

/** Runs in the worker. */
function watch({ workerData, parentPort }: WorkerSide): void {
  const fs = process.getBuiltinModule('node:fs')
  const { state, checkMs, limitMs } = workerData
  const endings = new Map<number, Ending>()
  let seen = 0
  let sinceMs = 0
  parentPort?.on('message', ({ target, ending }: { target: number; ending: Ending }) => endings.set(target, ending))

  const end = (ending: Ending): void => {
    if (ending.kind === 'kill') process.kill(ending.pid, 'SIGKILL')
    else if (ending.kind === 'write') fs.writeFileSync(ending.path, ending.line)
    else ending.port.postMessage('end')
  }

  setInterval(() => {
    const wait = Atomics.load(state, 1)
    const target = Atomics.load(state, 0)
    if (target === 0 || wait !== seen) {
      seen = wait
      sinceMs = 0
      return
    }
    sinceMs += checkMs
    if (sinceMs < limitMs) return
    Atomics.store(state, 2, wait)
    try {
      end(endings.get(target)!)
    } catch {
      // It has died by itself since: then the read has ended too.
    }
  }, checkMs)
}
