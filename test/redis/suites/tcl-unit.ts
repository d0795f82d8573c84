/**
 * One unit of Redis's own suite (tests/unit/…, tests/integration/…) against a server that is there already, as its `--host` and
 * `--port` do it: tests that start or look into servers of their own are left out by the suite itself.
 */
import { spawn } from 'node:child_process'

export interface TclRun {
  /** Where the source of Redis is. */
  readonly source: string
  readonly unit: string
  readonly port: number
  /** The suite looks for a port of its own from 32 below this one on. */
  readonly basePort: number
  /** Names of tests that are not run. */
  readonly skipped: readonly string[]
  /** Without the tests that the suite itself calls slow, as Redis runs them against an external server in its own CI. */
  readonly isQuick: boolean
  readonly limitMs: number
}

export interface TclResult {
  readonly passed: number
  /** What was told of each test that failed, and of whatever ended the unit too early. */
  readonly failed: readonly string[]
  /** Names of tests that were left out because we said so. */
  readonly skipped: readonly string[]
}

/** The suite looks whether a port is free, and takes it a little later: another process may have been quicker. */
const PORT_TAKEN = "couldn't open socket: address already in use"
const TRIES_MAX = 5

/** Runs it to its end, or until its time is up. */
export async function runTclUnit(run: TclRun): Promise<TclResult> {
  for (let tries = 1; ; tries += 1) {
    const { output, code, isLate } = await start({ ...run, basePort: run.basePort + tries })
    const result = resultOf(output)
    if (result.passed === 0 && output.includes(PORT_TAKEN) && tries < TRIES_MAX) continue
    const inTime = isLate ? `its ${run.limitMs / 1000} s were up` : `the suite ended with ${code}`
    if (!isLate && (code === 0 || result.failed.length > 0)) return result
    return { ...result, failed: [...result.failed, `${inTime} after:\n${tail(output)}`] }
  }
}

interface Ending {
  readonly output: string
  readonly code: number | null
  readonly isLate: boolean
}

async function start({ source, unit, port, basePort, skipped, isQuick, limitMs }: TclRun): Promise<Ending> {
  const args = ['tests/test_helper.tcl', '--host', '127.0.0.1', '--port', String(port), '--baseport', String(basePort)]
  args.push('--single', unit, '--durable', ...skipped.flatMap((name) => ['--skiptest', name]))
  if (isQuick) args.push('--tags', '-slow')
  // A group of its own: the suite starts a second process.
  const env = { ...process.env, TERM: 'dumb' }
  const suite = spawn('tclsh', args, { cwd: source, detached: true, stdio: ['ignore', 'pipe', 'pipe'], env })
  let output = ''
  for (const stream of [suite.stdout, suite.stderr]) {
    stream.setEncoding('latin1')
    stream.on('data', (chunk: string) => (output += chunk))
  }
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    if (suite.pid !== undefined) process.kill(-suite.pid, 'SIGKILL')
  }, limitMs)
  const code = await new Promise<number | null>((resolve) => suite.once('close', resolve))
  clearTimeout(timer)
  return { output, code, isLate }
}

const LINE = /^\[(ok|err|exception|skip)\]: (.*)$/

/** The lines that begin with a word in brackets; what follows an error belongs to it. */
function resultOf(output: string): TclResult {
  let passed = 0
  const failed: string[] = []
  const skipped: string[] = []
  let isTelling = false
  for (const line of output.split('\n')) {
    const [, what, rest = ''] = LINE.exec(line) ?? []
    if (what === 'ok') passed += 1
    else if (what === 'skip') skipped.push(rest)
    else if (what !== undefined) failed.push(rest)
    else if (isTelling && !line.startsWith('[') && line !== '') failed[failed.length - 1] += `\n${line}`
    isTelling = what === 'err' || what === 'exception' || (isTelling && what === undefined && !line.startsWith('['))
    // What failed is told again at the end.
    if (line.startsWith('!!! WARNING')) break
  }
  return { passed, failed, skipped }
}

const tail = (output: string): string => output.trimEnd().split('\n').slice(-5).join('\n')
