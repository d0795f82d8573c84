/** `lockstorm serve` running in a test: a process of its own, and how it is ended. */
import type { ChildProcess } from 'node:child_process'
import { connect, type Socket } from 'node:net'
import { start } from './binary.ts'

/** What `serve --json` tells. */
export interface Told {
  readonly url: string
  readonly host: string
  readonly port: number
  readonly version: string
  readonly clock: string
  /** With `--sentinel`. */
  readonly name?: string
  readonly replicas?: readonly number[]
  readonly sentinels?: readonly number[]
  readonly nodes?: readonly number[]
}

export interface Served extends Told {
  readonly process: ChildProcess
  /** Sends a signal, if one is given, and waits for the exit code. */
  end(signal?: NodeJS.Signals): Promise<number | null>
}

/** Starts it on a free port. */
export async function serve(...args: string[]): Promise<Served> {
  const child = start(['serve', '--port', '0', '--json', ...args])
  let stdout = ''
  let stderr = ''
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  const exit = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
  const told = await new Promise<Told>((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      stdout += chunk
      if (stdout.trimEnd().endsWith('}')) resolve(JSON.parse(stdout) as Told)
    })
    child.once('exit', (code) => reject(new Error(`serve ended with ${code}: ${stderr}`)))
  })
  return {
    ...told,
    process: child,
    end: (signal) => {
      if (signal !== undefined) child.kill(signal)
      return exit
    },
  }
}

/** Sends bytes to a port and gives what comes back until it has `length` bytes or the connection is closed. */
export function exchange(port: number, bytes: string, length: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect(port, '127.0.0.1', () => socket.write(bytes, 'latin1'))
    let received = ''
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => {
      received += chunk
      if (received.length >= length) socket.destroy()
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(received))
  })
}
