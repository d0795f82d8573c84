/**
 * Server processes in one container, started and killed synchronously.
 *
 * Docker's own interface is asynchronous and a world is not, so the container runs a small shell that takes orders from
 * a named pipe in the run's folder, which is mounted at the same path inside: sockets, clock files and logs are where
 * they would be without a container.
 *
 * Invariants
 * - The container ends with this process, however that ends: the pipe then has no writer, and the shell's loop is over.
 * - Processes run as the user of this one, so that the folder can be removed.
 */
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import type { HangGuard } from './hang-guard.ts'
import type { Launch, Launcher, Running } from './launcher.ts'

/** What the shell says on its standard output when it takes orders. */
export const SUPERVISOR_READY = 'lockstorm: ready'

/** The shell's program; its argument is the run's folder. When it ends, the kernel ends all other processes inside. */
export const SUPERVISOR = `
cd "$1" || exit 1
: > ready
echo '${SUPERVISOR_READY}'
while read -r verb number; do
  case $verb in
    start) sh "./$number/start" & ;;
    kill) read -r pid < "./$number/pid" && kill -9 "$pid" ;;
  esac
done < orders
`

export class ContainerLauncher implements Launcher {
  readonly program: string
  readonly preload: string | null
  readonly #ordersPath: string
  readonly #orders: number
  readonly #guard: HangGuard

  /** `image` is for messages; `orders` is what `openOrders` returned. */
  constructor(
    image: string,
    preload: string | null,
    { runFolder, orders, guard }: { readonly runFolder: string; readonly orders: number; readonly guard: HangGuard },
  ) {
    this.program = image
    this.preload = preload
    this.#ordersPath = ordersPath(runFolder)
    this.#orders = orders
    this.#guard = guard
  }

  launch({ folder, arguments: args, logPath, clockPath }: Launch): Running {
    const number = path.basename(folder)
    const isVirtual = this.preload !== null && clockPath !== null
    fs.writeFileSync(
      path.join(folder, 'start'),
      [
        `cd ${quote(folder)}`,
        'echo $$ > pid',
        ...(isVirtual ? [`export LOCKSTORM_CLOCK=${quote(clockPath)} LD_PRELOAD=${quote(this.preload)}`] : []),
        `exec "$(command -v redis-server || command -v valkey-server)" ${args.map(quote).join(' ')} > ${quote(logPath)} 2>&1`,
      ].join('\n'),
    )
    fs.rmSync(path.join(folder, 'pid'), { force: true })
    fs.writeSync(this.#orders, `start ${number}\n`)
    const line = `kill ${number}\n`
    return {
      guardTarget: this.#guard.register({ kind: 'write', path: this.#ordersPath, line }),
      // Its end is not told; code that waits for the process has a limit.
      hasEnded: () => false,
      kill: () => {
        fs.writeSync(this.#orders, line)
      },
    }
  }
}

/** Makes the pipe and opens it, so that it has a writer; null where pipes cannot be made. */
export function openOrders(runFolder: string): number | null {
  const { status } = spawnSync('mkfifo', [ordersPath(runFolder)])
  // For reading too: opening a pipe for writing alone would wait for a reader.
  return status === 0 ? fs.openSync(ordersPath(runFolder), 'r+') : null
}

const ordersPath = (runFolder: string): string => path.join(runFolder, 'orders')

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`
