/**
 * What `fs.promises.open` gives a simulated process: a file that is open for reading.
 *
 * Does not model  writing, and locks on files.
 *
 * Source: https://nodejs.org/docs/latest-v20.x/api/fs.html#class-filehandle
 */
import { EventEmitter } from 'node:events'
import fs from 'node:fs'
import { createInterface, type Interface } from 'node:readline'
import { refuse } from './refuse.ts'

/** Why nothing is written, and what to do. */
export const NO_DISK = 'a simulated machine has no disk to write to'
export const NEEDS_NO_FILE = 'give the code under test something that needs no file there'

export class FileHandle extends EventEmitter {
  #fd: number

  constructor(fd: number) {
    super()
    this.#fd = fd
  }

  get fd(): number {
    return this.#fd
  }

  async read(...args: unknown[]): Promise<{ readonly bytesRead: number; readonly buffer: unknown }> {
    return new Promise((resolve, reject) => {
      const done = (error: Error | null, bytesRead: number, buffer: unknown): void => {
        if (error === null) resolve({ bytesRead, buffer })
        else reject(error)
      }
      ;(fs.read as (...given: unknown[]) => void)(this.#fd, ...args, done)
    })
  }

  async readv(buffers: readonly NodeJS.ArrayBufferView[], position?: number): Promise<unknown> {
    return { bytesRead: fs.readvSync(this.#fd, buffers, position), buffers }
  }

  async readFile(options?: unknown): Promise<unknown> {
    return fs.readFileSync(this.#fd, options as BufferEncoding)
  }

  async stat(options?: fs.StatOptions): Promise<unknown> {
    return fs.fstatSync(this.#fd, options)
  }

  createReadStream(options: object = {}): fs.ReadStream {
    return fs.createReadStream('', { ...options, fd: this.#fd })
  }

  readLines(options?: object): Interface {
    return createInterface({ input: this.createReadStream(options), crlfDelay: Number.POSITIVE_INFINITY })
  }

  async close(): Promise<void> {
    if (this.#fd < 0) return
    fs.closeSync(this.#fd)
    this.#fd = -1
    this.emit('close')
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  write(): never {
    return this.#refuse('write')
  }

  writeFile(): never {
    return this.#refuse('writeFile')
  }

  appendFile(): never {
    return this.#refuse('appendFile')
  }

  #refuse(name: string): never {
    return refuse(`FileHandle.${name}()`, NO_DISK, NEEDS_NO_FILE)
  }
}
