/**
 * `--redis container`: a server image started by testcontainers, as nodes of the world.
 *
 * Models          the server of the image. Where the container can share a folder with this process and its C library
 *                 accepts the preload library (glibc images on a local daemon), under virtual time and as fast as
 *                 `--redis server`; the container needs no network then.
 * Does not model  elsewhere (a remote daemon, a virtual machine, most musl images) virtual time: it is paced. Without a
 *                 shared folder the server is used over its port like any URL, so it cannot be restarted either.
 *
 * `DOCKER_HOST` and testcontainers' other settings are respected.
 */
import fs from 'node:fs'
import { UsageError } from '../../sim/usage-error.ts'
import { ContainerLauncher, openOrders, SUPERVISOR, SUPERVISOR_READY } from './container-launcher.ts'
import { HangGuard } from './hang-guard.ts'
import { buildPreload } from './preload.ts'
import { RedisPool, type ServerFacts } from './redis-pool.ts'
import { ANSWER_LIMIT_MS, PACED, type RealServerProvider } from './redis-server.ts'
import { RunFolder } from './run-folder.ts'
import { describedAs } from './said-version.ts'
import { ServerLostError } from './server-lost-error.ts'
import { LACKED_BY_SERVERS } from './server-troubles.ts'
import { createUrlProvider } from './url.ts'

const IMAGE = 'redis:7'
const PORT = 6379

type Testcontainers = typeof import('testcontainers')

/** A folder or file of this machine, seen at the same path inside. */
interface Mount {
  readonly source: string
  readonly target: string
  readonly mode: 'rw' | 'ro'
}

export interface ContainerProviderOptions {
  /** Default: `redis:7`. */
  readonly image?: string
  /** How many server processes to start at once; more are started when a world needs them. */
  readonly count?: number
  /** False: the real clock, paced. Default: virtual where possible. */
  readonly virtualTime?: boolean
  /** A server that does not answer for so long, in real time, is killed. */
  readonly answerLimitMs?: number
}

/** Starts the container. Throws a UsageError without testcontainers, an Error when Docker or the image fails. */
export async function createContainerProvider(options: ContainerProviderOptions = {}): Promise<RealServerProvider> {
  const testcontainers = await load()
  const image = options.image ?? IMAGE
  const shared = await startShared(testcontainers, image, options)
  return 'provider' in shared ? shared.provider : startPublished(testcontainers, image, options, shared.whyNot)
}

async function load(): Promise<Testcontainers> {
  try {
    return await import('testcontainers')
  } catch (cause) {
    throw new UsageError(
      '--redis container',
      'expected the package testcontainers, which cannot be loaded',
      'npm install -D testcontainers',
      { cause },
    )
  }
}

/** Servers inside that are reached through a folder which both sides see. */
async function startShared(
  { GenericContainer, Wait }: Testcontainers,
  image: string,
  options: ContainerProviderOptions,
): Promise<{ readonly provider: RealServerProvider } | { readonly whyNot: string }> {
  if (process.platform !== 'linux') return { whyNot: `containers do not share folders with ${process.platform}` }
  const folder = new RunFolder()
  const orders = openOrders(folder.path)
  if (orders === null) {
    await folder.close()
    return { whyNot: 'no mkfifo on the PATH' }
  }
  const guard = new HangGuard(options.answerLimitMs ?? ANSWER_LIMIT_MS)
  const library = options.virtualTime === false ? { missing: 'virtual time was turned off' } : buildPreload(folder.path)
  const mounts: Mount[] = [{ source: folder.path, target: folder.path, mode: 'rw' }]
  if ('path' in library) mounts.push({ source: library.path, target: library.path, mode: 'ro' })
  const container = await started(image, () =>
    new GenericContainer(image)
      .withBindMounts(mounts)
      .withNetworkMode('none')
      .withUser(`${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`)
      .withEntrypoint(['sh', '-c', SUPERVISOR, 'lockstorm', folder.path])
      .withWaitStrategy(Wait.forLogMessage(SUPERVISOR_READY))
      .start(),
  ).catch(async (error: unknown) => {
    fs.closeSync(orders)
    await guard.close()
    await folder.close()
    throw error
  })
  let pool: RedisPool | null = null
  let isClosed = false
  const close = async (): Promise<void> => {
    if (isClosed) return
    isClosed = true
    pool?.close()
    // The supervisor ends when no process can give it orders any more.
    fs.closeSync(orders)
    await container.stop()
    await guard.close()
    await folder.close()
  }
  if (!fs.existsSync(`${folder.path}/ready`)) {
    await close()
    return { whyNot: 'the Docker daemon does not see the folders of this machine' }
  }
  try {
    const startPool = (preload: string | null): RedisPool =>
      new RedisPool(
        new ContainerLauncher(image, preload, { runFolder: folder.path, orders, guard }),
        folder.path,
        guard,
      )
    let missing = 'path' in library ? null : library.missing
    pool = startPool('path' in library ? library.path : null)
    let facts = factsOf(pool, image)
    if (facts.whyNotVirtual !== null) {
      missing = facts.whyNotVirtual
      pool.close()
      pool = startPool(null)
      facts = pool.facts()
    }
    pool.prepare(options.count ?? 1)
    const servers = pool
    const number = facts.version?.number ?? 'of unknown version'
    const description = `image ${image} (${number})${missing === null ? ', virtual time' : ', paced'}`
    return {
      provider: {
        kind: 'container',
        description,
        descriptionOf: describedAs(description, facts.version),
        deterministic: missing === null,
        lacks: missing === null ? LACKED_BY_SERVERS : [...LACKED_BY_SERVERS, 'misconf'],
        warning: missing === null ? null : `${missing}; ${PACED}`,
        node: (name, { seed, nowUs }) => servers.take(name, seed, nowUs),
        close,
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** A C library that does not accept the preload library may also refuse to start the program. */
function factsOf(pool: RedisPool, image: string): ServerFacts {
  try {
    return pool.facts()
  } catch (error) {
    if (!(error instanceof ServerLostError)) throw error
    const said = error.lastLines.at(-1) ?? 'it wrote nothing'
    return {
      version: null,
      whyNotVirtual: `no virtual clock: ${image} does not start with the preload library (${said})`,
    }
  }
}

/** One server that is reached over a port. */
async function startPublished(
  { GenericContainer, Wait }: Testcontainers,
  image: string,
  options: ContainerProviderOptions,
  whyNot: string,
): Promise<RealServerProvider> {
  const container = await started(image, () =>
    new GenericContainer(image)
      .withExposedPorts(PORT)
      .withWaitStrategy(Wait.forLogMessage(/ready to accept connections/i))
      .start(),
  )
  try {
    const provider = await createUrlProvider({
      url: `redis://${container.getHost()}:${container.getMappedPort(PORT)}`,
      ...(options.answerLimitMs === undefined ? {} : { answerLimitMs: options.answerLimitMs }),
    })
    const description = `image ${image}, paced`
    return {
      ...provider,
      kind: 'container',
      description,
      descriptionOf: (version) => (provider.descriptionOf?.(version) == null ? null : description),
      warning: `no virtual clock: ${whyNot}; ${PACED}`,
      close: async () => {
        await provider.close()
        await container.stop()
      },
    }
  } catch (error) {
    await container.stop()
    throw error
  }
}

/** Runs `start`; what fails is said with image and fix. */
async function started<T>(image: string, start: () => Promise<T>): Promise<T> {
  try {
    return await start()
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new Error(
      `--redis container: expected Docker to start the image ${image}, got ${JSON.stringify(reason)}\n` +
        '  fix: start Docker, set DOCKER_HOST, or name another image with --image',
      { cause },
    )
  }
}
