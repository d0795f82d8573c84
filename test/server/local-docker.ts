/**
 * A Docker daemon of one's own for a test: on a private socket, with a private data folder, without network, and gone
 * afterwards. Its image is made of this machine's own redis-server and the libraries it needs, so nothing is downloaded.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import path from 'node:path'
import { RunFolder } from '../../src/server/node/run-folder.ts'

const IMAGE = 'lockstorm-test/redis:local'
const START_LIMIT_MS = 30_000

/** Why no daemon can be started here; null: it can. */
export function whyNoDocker(): string | null {
  for (const program of ['dockerd', 'docker', 'redis-server']) {
    if (spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0) return `${program} is not installed`
  }
  return process.getuid?.() === 0 ? null : 'only root may start dockerd'
}

export class LocalDocker {
  readonly image = IMAGE
  /** For DOCKER_HOST. */
  readonly host: string
  readonly #folder: RunFolder
  readonly #daemon: ChildProcess

  private constructor(folder: RunFolder, daemon: ChildProcess, host: string) {
    this.#folder = folder
    this.#daemon = daemon
    this.host = host
  }

  /** Starts the daemon and gives it the image. */
  static async start(): Promise<LocalDocker> {
    const folder = new RunFolder()
    const inside = (name: string): string => path.join(folder.path, name)
    const host = `unix://${inside('docker.sock')}`
    const log = fs.openSync(inside('dockerd.log'), 'w')
    const daemon = spawn(
      'dockerd',
      [
        ...['--host', host, '--data-root', inside('data'), '--exec-root', inside('exec'), '--pidfile', inside('pid')],
        ...['--storage-driver', 'vfs', '--bridge', 'none', '--iptables=false', '--ip6tables=false', '--ip-masq=false'],
      ],
      { stdio: ['ignore', log, log], detached: true },
    )
    fs.closeSync(log)
    const docker = new LocalDocker(folder, daemon, host)
    try {
      folder.started(daemon.pid!)
      await docker.#waitUntilReady(inside('dockerd.log'))
      docker.#makeImage(inside('image'))
      return docker
    } catch (error) {
      await docker.stop()
      throw error
    }
  }

  async #waitUntilReady(logPath: string): Promise<void> {
    for (let waitedMs = 0; waitedMs < START_LIMIT_MS; waitedMs += 200) {
      if (spawnSync('docker', ['--host', this.host, 'version'], { stdio: 'ignore' }).status === 0) return
      if (this.#daemon.exitCode !== null) break
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    throw new Error(`dockerd did not start:\n${fs.readFileSync(logPath, 'utf8').split('\n').slice(-6).join('\n')}`)
  }

  /** A file system with a shell, redis-server, and what they link to. */
  #makeImage(root: string): void {
    for (const program of ['/bin/sh', '/usr/bin/redis-server']) {
      const real = fs.realpathSync(program)
      const target = path.join(root, 'usr/bin', path.basename(program))
      fs.mkdirSync(path.dirname(target), { recursive: true })
      fs.copyFileSync(real, target)
      const libraries = execFileSync('ldd', [real], { encoding: 'utf8' }).matchAll(/(\/\S+) \(0x/g)
      for (const [, library] of libraries) {
        const copy = path.join(root, library!)
        fs.mkdirSync(path.dirname(copy), { recursive: true })
        fs.copyFileSync(fs.realpathSync(library!), copy)
      }
    }
    fs.symlinkSync('usr/bin', path.join(root, 'bin'))
    const archive = `${root}.tar`
    execFileSync('tar', ['-C', root, '-cf', archive, '.'])
    execFileSync('docker', ['--host', this.host, 'import', archive, IMAGE], { stdio: 'ignore' })
  }

  /** Ids of the containers in this state. */
  containers(state: 'running' | 'exited'): string[] {
    const filter = ['--filter', `status=${state}`]
    const text = execFileSync('docker', ['--host', this.host, 'ps', '--quiet', ...filter], { encoding: 'utf8' })
    return text.split('\n').filter((line) => line !== '')
  }

  /** Ends the daemon and removes all that it made. */
  async stop(): Promise<void> {
    if (this.#daemon.exitCode === null && this.#daemon.signalCode === null) {
      const exit = once(this.#daemon, 'exit')
      this.#daemon.kill('SIGTERM')
      await exit
    }
    this.#folder.ended(this.#daemon.pid!)
    await this.#folder.close()
  }
}
