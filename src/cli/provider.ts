/**
 * Who answers: the provider that `--redis` names, loaded when it is asked for.
 */
import type { RealServerProvider } from '../server/node/redis-server.ts'
import type { ServerProvider } from '../server/server.ts'
import { UsageError } from '../sim/usage-error.ts'
import type { Terminal } from './terminal.ts'

/** Who hears warnings. */
export type Teller = Pick<Terminal, 'tell'>

export interface ProviderChoice {
  /** `memory`, `mock`, `server`, `container` or a URL. */
  readonly redis: string
  readonly redisBinary: string | null
  readonly image: string | null
}

/** A real Redis could not be reached or started: exit 69. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError'
}

/**
 * Starts what answers.
 * @throws UsageError when the program is none; UnavailableError when there is no such Redis
 */
export async function startProvider(choice: ProviderChoice, terminal: Teller): Promise<ServerProvider> {
  const { redis, redisBinary, image } = choice
  switch (redis) {
    case 'memory': {
      const { memoryProvider } = await import('../world/node/environment.ts')
      return memoryProvider()
    }
    case 'mock': {
      const { createMockProvider } = await import('../server/node/mock.ts')
      return createMockProvider()
    }
    case 'server': {
      const { createRedisServerProvider } = await import('../server/node/redis-server.ts')
      const options = redisBinary === null ? {} : { binary: redisBinary }
      return warned(await orUnavailable(() => createRedisServerProvider(options)), terminal)
    }
    case 'container': {
      const { createContainerProvider } = await import('../server/node/container.ts')
      const options = image === null ? {} : { image }
      return warned(await orUnavailable(() => createContainerProvider(options)), terminal)
    }
    default: {
      const { createUrlProvider } = await import('../server/node/url.ts')
      return warned(await orUnavailable(() => createUrlProvider({ url: redis })), terminal)
    }
  }
}

/**
 * Starts what answers a worker, which has nobody to tell: the warning is told by whoever started the worker.
 * @throws UsageError and UnavailableError, as `startProvider`
 */
export async function startWorkerProvider(
  choice: ProviderChoice,
): Promise<{ readonly provider: ServerProvider; readonly warning: string | null }> {
  let warning: string | null = null
  const provider = await startProvider(choice, {
    tell(text) {
      warning = text
    },
  })
  return { provider, warning }
}

/** Says once, before the run, what the server cannot do. */
function warned(provider: RealServerProvider, terminal: Teller): ServerProvider {
  if (provider.warning !== null) terminal.tell(`warning: ${provider.warning}`)
  return provider
}

/**
 * Refuses flags that would have no effect; in the environment or a config file they may wait for their turn.
 * @throws UsageError
 */
export function checkChoice(redis: string, flags: Readonly<Record<string, unknown>>): void {
  if (flags.redisBinary !== undefined && redis !== 'server') throw goesWith('--redis-binary', 'server', redis)
  if (flags.image !== undefined && redis !== 'container') throw goesWith('--image', 'container', redis)
}

const goesWith = (flag: string, kind: string, redis: string): UsageError =>
  new UsageError(
    flag,
    `it goes with --redis ${kind}, and --redis is ${redis}`,
    `add --redis ${kind}, or leave out ${flag}`,
  )

async function orUnavailable<T>(start: () => Promise<T>): Promise<T> {
  try {
    return await start()
  } catch (error) {
    if (error instanceof UsageError) throw error
    const message = error instanceof Error ? error.message : String(error)
    throw new UnavailableError(message, { cause: error })
  }
}
