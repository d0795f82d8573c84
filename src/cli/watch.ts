/**
 * `--watch`: does a hunt or a run, then waits until a file changes that it has loaded, or for a key, and does it again.
 *
 *   r, Enter   again         q   end, with the exit code of the last one         Ctrl-C   end, 130
 *
 * A change in the middle ends what is running, and nothing is told of it: it was about other code.
 */
import { watch as watchFolder } from 'node:fs'
import path from 'node:path'
import { realTimers } from '../sim/real-clock.ts'
import { UsageError } from '../sim/usage-error.ts'
import { visible, visibleLines } from '../text/escape.ts'
import { counted } from '../text/time.ts'
import { EXIT, type ExitCode } from './exit-code.ts'
import type { Invocation, Rerun } from './invocation.ts'

/** Editors write a file in several steps. */
const SETTLE_MS = 50
const CLEAR = '\x1b[2J\x1b[H'

type Wish =
  | { readonly kind: 'again'; readonly why: string }
  | { readonly kind: 'quit' }
  /** Ctrl-C, while nothing runs. */
  | { readonly kind: 'interrupt' }

/**
 * Does it again and again.
 * @param files what is watched from the beginning, also when it cannot be loaded
 * @throws UsageError without a terminal
 */
export async function again(
  { terminal }: Invocation,
  files: readonly string[],
  once: (rerun: Rerun) => Promise<ExitCode>,
): Promise<ExitCode> {
  const { stdin } = process
  if (stdin.isTTY !== true || !terminal.isAnswerTerminal) {
    throw new UsageError('--watch', 'it needs a terminal', 'in CI, --changed runs what has changed')
  }
  const watched = new FileWatch(files)
  const wishes = new Wishes()
  let running: AbortController | null = null
  const wish = (next: Wish): void => {
    running?.abort()
    wishes.put(next)
  }
  watched.onChange = (file) => wish({ kind: 'again', why: `${file} has changed` })
  const onKey = (bytes: Buffer): void => {
    const key = bytes.toString()
    if (key === '\x03') {
      // What runs ends as it does without --watch: what was found so far is told and written.
      if (running === null) wish({ kind: 'interrupt' })
      else process.kill(process.pid, 'SIGINT')
    } else if (key === 'q') wish({ kind: 'quit' })
    else if (key === 'r' || key === '\r' || key === '\n') wish({ kind: 'again', why: 'once more' })
  }
  stdin.setRawMode(true)
  stdin.on('data', onKey)
  stdin.resume()
  try {
    for (;;) {
      running = new AbortController()
      const exitCode = await endOf(once({ signal: running.signal, onFiles: (more) => watched.add(more) }), (text) =>
        terminal.tell(text),
      )
      running = null
      if (exitCode === EXIT.interrupted || exitCode === EXIT.terminated) return exitCode
      if (wishes.isEmpty) {
        terminal.tell(`\n${counted(watched.count, 'file')} watched · r runs it again · q ends`)
      }
      const next = await wishes.take()
      if (next.kind === 'quit') return exitCode
      if (next.kind === 'interrupt') return EXIT.interrupted
      terminal.draw(CLEAR)
      terminal.tell(`↻ ${next.why}\n`)
    }
  } finally {
    watched.close()
    stdin.off('data', onKey)
    stdin.setRawMode(false)
    stdin.pause()
  }
}

/** What is wrong with a file that is being written is told, and waited for. */
async function endOf(run: Promise<ExitCode>, tell: (text: string) => void): Promise<ExitCode> {
  try {
    return await run
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    tell(visibleLines(error.message))
    return EXIT.usage
  }
}

/** What was asked for and not taken; the last one counts, except that an end is an end. */
class Wishes {
  #next: Wish | null = null
  #onPut: (() => void) | null = null

  get isEmpty(): boolean {
    return this.#next === null
  }

  put(wish: Wish): void {
    if (this.#next === null || this.#next.kind === 'again') this.#next = wish
    this.#onPut?.()
  }

  async take(): Promise<Wish> {
    if (this.#next === null) {
      await new Promise<void>((resolve) => {
        this.#onPut = resolve
      })
    }
    const wish = this.#next as Wish
    this.#next = null
    this.#onPut = null
    return wish
  }
}

/** Tells of changes of files. Their folders are watched, because editors put a new file in the place of the old one. */
class FileWatch {
  onChange: (file: string) => void = () => {}
  readonly #files = new Set<string>()
  readonly #folders = new Map<string, ReturnType<typeof watchFolder>>()
  #settling: unknown = null

  constructor(files: readonly string[]) {
    this.add(files)
  }

  get count(): number {
    return this.#files.size
  }

  add(files: readonly string[]): void {
    for (const file of files) {
      const place = path.resolve(file)
      this.#files.add(place)
      const folder = path.dirname(place)
      if (this.#folders.has(folder)) continue
      try {
        this.#folders.set(
          folder,
          watchFolder(folder, (_, name) => this.#changed(path.join(folder, name ?? ''))),
        )
      } catch {
        // There is no such folder: that the file is not there is said by what loads it.
      }
    }
  }

  #changed(place: string): void {
    if (!this.#files.has(place)) return
    realTimers.clearTimeout(this.#settling)
    const name = visible(path.relative(process.cwd(), place))
    this.#settling = realTimers.setTimeout(() => this.onChange(name), SETTLE_MS)
  }

  close(): void {
    realTimers.clearTimeout(this.#settling)
    for (const watcher of this.#folders.values()) watcher.close()
  }
}
