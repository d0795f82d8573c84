/**
 * `fs` and `fs/promises` of a simulated process: what is there can be read, and is read at once; the answer comes in the same
 * turn. Nothing can be written, because the next world would find it.
 *
 * Does not model  the time that a disk takes; files that change while a world runs.
 */
import fs from 'node:fs'
import promises from 'node:fs/promises'
import { promisify } from 'node:util'
import type { SimProcess } from '../sim/process.ts'
import { type Callback, inSameTurn, tell } from './answer.ts'
import { dispatch, forbid, type Target } from './dispatch.ts'
import { realFs } from './door.ts'
import { FileHandle, NEEDS_NO_FILE, NO_DISK } from './file-handle.ts'
import { installReadings } from './readings.ts'
import { refuse } from './refuse.ts'

const READS = ['access', 'fstat', 'lstat', 'opendir', 'readdir', 'readFile', 'readlink', 'realpath', 'stat', 'statfs']
const WRITES = [
  ...['appendFile', 'chmod', 'chown', 'copyFile', 'cp', 'fchmod', 'fchown', 'fdatasync', 'fsync', 'ftruncate'],
  ...['futimes', 'lchmod', 'lchown', 'link', 'lutimes', 'mkdir', 'mkdtemp', 'rename', 'rm', 'rmdir', 'symlink'],
  ...['truncate', 'unlink', 'utimes', 'writeFile', 'writev'],
]
const STDIO_FD_MAX = 2

/** What simulated processes have opened in the world that is running. */
const opened = new Set<number>()

/** Closes what a world has left open. */
export function closeFiles(): void {
  for (const fd of opened) realFs.closeSync(fd)
  opened.clear()
}

/** Makes reading take no turn of the real event loop, and writing end the hunt. */
export function installFiles(): void {
  installReadings(fs)
  for (const name of READS) {
    inSameTurn(fs, name)
    promised(name)
  }
  installOpen()
  installRead()
  forbid(fs, 'fs', [...WRITES, 'createWriteStream', ...WRITES.map((name) => `${name}Sync`)], NO_DISK, NEEDS_NO_FILE)
  forbid(promises, 'fs.promises', WRITES, NO_DISK, NEEDS_NO_FILE)
  forbid(fs, 'fs', ['watch', 'watchFile', 'openAsBlob'], 'a simulated machine does not watch its files', NEEDS_NO_FILE)
  forbid(promises, 'fs.promises', ['watch'], 'a simulated machine does not watch its files', NEEDS_NO_FILE)
  inSameTurn(fs.realpath, 'native', fs.realpathSync.native)
  dispatch(fs, 'exists', (_process: SimProcess, file: fs.PathLike, callback: (isThere: boolean) => void) => {
    const isThere = fs.existsSync(file)
    process.nextTick(() => callback(isThere))
  })
  Object.defineProperty(fs.exists, promisify.custom, { value: async (file: fs.PathLike) => fs.existsSync(file) })
  // What is printed goes where the host's output goes.
  const writeSync = fs.writeSync as (...args: unknown[]) => number
  dispatch(fs, 'writeSync', (_process: SimProcess, fd: number, ...rest: never[]) =>
    fd <= STDIO_FD_MAX ? writeSync(fd, ...rest) : refuse('fs.writeSync()', NO_DISK, NEEDS_NO_FILE),
  )
  dispatch(fs, 'write', (_process: SimProcess, fd: number, bytes: never, ...rest: unknown[]) => {
    if (fd > STDIO_FD_MAX) refuse('fs.write()', NO_DISK, NEEDS_NO_FILE)
    const callback = rest.pop() as (error: null, count: number, bytes: unknown) => void
    const count = writeSync(fd, bytes, ...rest)
    process.nextTick(() => callback(null, count, bytes))
  })
}

function promised(name: string): void {
  const direct = (fs as unknown as Target)[`${name}Sync`] as ((...args: unknown[]) => unknown) | undefined
  if (direct === undefined) return
  dispatch(promises, name, async (_process: SimProcess, file: unknown, ...rest: unknown[]) =>
    direct(file instanceof FileHandle ? file.fd : file, ...rest),
  )
}

function installOpen(): void {
  const { openSync, closeSync } = realFs
  const open = (file: fs.PathLike, flags: unknown, mode: unknown): number => {
    const isReading = flags === undefined || flags === 'r' || flags === 'rs' || flags === fs.constants.O_RDONLY
    if (!isReading) refuse(`fs.open(…, ${JSON.stringify(flags)})`, NO_DISK, NEEDS_NO_FILE)
    const fd = openSync(file, flags ?? 'r', mode as number)
    opened.add(fd)
    return fd
  }
  dispatch(fs, 'openSync', (_process: SimProcess, file: fs.PathLike, flags: unknown, mode: unknown) =>
    open(file, flags, mode),
  )
  dispatch(fs, 'closeSync', (_process: SimProcess, fd: number) => {
    closeSync(fd)
    opened.delete(fd)
  })
  inSameTurn(fs, 'open')
  dispatch(fs, 'close', (_process: SimProcess, fd: number, callback: Callback = () => {}) =>
    tell(callback, () => {
      fs.closeSync(fd)
      return []
    }),
  )
  dispatch(promises, 'open', async (_process: SimProcess, file: fs.PathLike, flags: unknown, mode: unknown) => {
    return new FileHandle(open(file, flags, mode))
  })
}

function installRead(): void {
  inSameTurn(fs, 'readv', fs.readvSync, (count, [, views]) => [count, views])
  const real = dispatch(fs, 'read', (_process, ...args: unknown[]) => {
    const callback = args.at(-1) as unknown
    if (typeof callback !== 'function') return real?.apply(fs, args as never[])
    const [fd, first, ...rest] = args.slice(0, -1) as [number, unknown, ...unknown[]]
    const isOptions = first === undefined || !ArrayBuffer.isView(first)
    const options = (isOptions ? first : rest[0]) as { readonly buffer?: NodeJS.ArrayBufferView } | undefined
    const bytes = isOptions ? (options?.buffer ?? Buffer.alloc(16_384)) : first
    const where = isOptions ? [options] : rest
    const read = fs.readSync as (...given: unknown[]) => number
    return tell(callback as Callback, () => [read(fd, bytes, ...where), bytes])
  })
}
