/**
 * The built command, for tests: `npm run build`, then `node dist/cli/main.js`.
 *
 * Test files run in processes of their own and at the same time: the first one builds, the others wait for it. Type
 * errors do not keep the compiler from writing, and are the type check's to report.
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, rmdirSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const MAIN = path.join(ROOT, 'dist', 'cli', 'main.js')
const LOCK = path.join(ROOT, 'dist', '.building')
const WAIT_STEP_MS = 50
const WAIT_STEPS_MAX = 1_200

/** Builds what has changed. */
export async function build(): Promise<void> {
  mkdirSync(path.dirname(LOCK), { recursive: true })
  for (let step = 0; !tryLock(); step += 1) {
    if (step === WAIT_STEPS_MAX) throw new Error(`${LOCK} is left over from a build that was killed: remove it`)
    await new Promise((resolve) => setTimeout(resolve, WAIT_STEP_MS))
  }
  try {
    const compiler = path.join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')
    const { stdout } = spawnSync(process.execPath, [compiler, '-b', 'tsconfig.build.json'], {
      cwd: ROOT,
      encoding: 'utf8',
    })
    const bundled = spawnSync(process.execPath, [path.join(ROOT, 'build', 'worker.js')], {
      cwd: ROOT,
      encoding: 'utf8',
    })
    if (bundled.status !== 0) throw new Error(`the worker's file could not be built:\n${stdout}${bundled.stderr}`)
    if (!existsSync(MAIN)) throw new Error(`there is no dist/cli/main.js after the build:\n${stdout}`)
  } finally {
    rmdirSync(LOCK)
  }
}

function tryLock(): boolean {
  try {
    mkdirSync(LOCK)
    return true
  } catch {
    // Somebody else is building.
    return false
  }
}

export interface Result {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
}

/** An environment in which nothing of the developer's own has a say, and no replays are kept in the current folder. */
export function cleanEnvironment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(LOCKSTORM_|NO_COLOR|FORCE_COLOR|CI$|GITHUB_|VITEST|NODE_)/.test(name),
  )
  return { LOCKSTORM_REPLAYS: 'false', ...Object.fromEntries(inherited), ...more }
}

/** Runs the command to its end, without colours. */
export function lockstorm(args: readonly string[], { cwd = ROOT, env = {} }: RunOptions = {}): Result {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
    cwd,
    encoding: 'utf8',
    env: cleanEnvironment({ NO_COLOR: '1', ...env }),
    maxBuffer: 64 * 1024 * 1024,
  })
  return { code: status, stdout, stderr }
}

/** Runs a shell command in which `$LOCKSTORM` is the command; with `pipefail`. */
export function shell(command: string, { cwd = ROOT, env = {} }: RunOptions = {}): Result {
  const { status, stdout, stderr } = spawnSync('bash', ['-c', `set -o pipefail; ${command}`], {
    cwd,
    encoding: 'utf8',
    env: cleanEnvironment({ LOCKSTORM: `${process.execPath} ${MAIN}`, ...env }),
  })
  return { code: status, stdout, stderr }
}

/** Starts the command; the caller ends it. */
export const start = (args: readonly string[], { cwd = ROOT, env = {} }: RunOptions = {}) =>
  spawn(process.execPath, [MAIN, ...args], { cwd, env: cleanEnvironment({ NO_COLOR: '1', ...env }) })
