/**
 * The source of redis-server 7.0.15, for its own test suite. Debian has it: `apt-get source` fetches it (3 MB, checked against Debian's
 * signatures) into the folder for temporary files, where the next run finds it. It is never part of this project.
 */
import { execFile, execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { REFERENCE_VERSION } from '../real-redis.ts'

const FOLDER = path.join(tmpdir(), `lockstorm-redis-${REFERENCE_VERSION}`)
const SOURCE = path.join(FOLDER, `redis-${REFERENCE_VERSION}`)
/** The suite starts these from the place where they are built. */
const TOOLS = ['redis-cli', 'redis-benchmark']

/** What this machine lacks to run the suite; null: nothing. */
export function missingForSuite(): string | null {
  if (!isThere('tclsh')) return 'tclsh (tcl)'
  for (const tool of TOOLS) if (!isThere(tool)) return tool
  if (existsSync(SOURCE)) return null
  if (!isThere('apt-get')) return 'apt-get, which fetches the source of Redis'
  return isThere('dpkg-source') ? null : 'dpkg-source (dpkg-dev)'
}

const isThere = (command: string): boolean => {
  try {
    execFileSync('which', [command], { stdio: 'ignore' })
    return true
  } catch {
    // `which` says no.
    return false
  }
}

/**
 * The folder with the source, fetched if it is not there yet.
 * @throws Error when Debian cannot be reached, or has another version
 */
export async function redisSource(): Promise<string> {
  if (existsSync(SOURCE)) return SOURCE
  const work = mkdtempSync(`${FOLDER}-`)
  try {
    await fetchInto(work)
    const source = path.join(work, path.basename(SOURCE))
    if (!existsSync(source)) throw new Error(`apt-get source redis: this Debian has no redis ${REFERENCE_VERSION}`)
    for (const tool of TOOLS) symlinkSync(`/usr/bin/${tool}`, path.join(source, 'src', tool))
    mkdirSync(FOLDER, { recursive: true })
    // Another process may have been quicker.
    if (!existsSync(SOURCE)) renameSync(source, SOURCE)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  return SOURCE
}

/** With lists and sources of its own, so that the machine's stay as they are. */
async function fetchInto(folder: string): Promise<void> {
  const release = /^VERSION_CODENAME=(\w+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1]
  const sources = path.join(folder, 'sources.list')
  writeFileSync(
    sources,
    `deb-src http://deb.debian.org/debian ${release} main\ndeb-src http://deb.debian.org/debian-security ${release}-security main\n`,
  )
  const lists = path.join(folder, 'lists')
  mkdirSync(path.join(lists, 'partial'), { recursive: true })
  const own = { 'Dir::Etc::sourcelist': sources, 'Dir::Etc::sourceparts': '-', 'Dir::State::lists': lists }
  const options = Object.entries(own).flatMap(([name, value]) => ['-o', `${name}=${value}`])
  const run = promisify(execFile)
  await run('apt-get', [...options, 'update'], { cwd: folder })
  await run('apt-get', [...options, 'source', 'redis'], { cwd: folder })
}
