/**
 * Which Redis answers: the provider that `--redis` names, loaded when it is asked for.
 */
import type { RealServerProvider } from '../server/node/redis-server.ts'
import type { ServerProvider } from '../server/server.ts'
import { UsageError } from '../sim/usage-error.ts'

export interface ProviderChoice {
  /** `memory`, `mock`, `server`, `container` or a URL. */
  readonly redis: string
  readonly redisBinary: string | null
  readonly image: string | null
  /** Which of its nodes answers to the name of another host. */
  readonly hosts: Readonly<Record<string, string>>
}

/** A real Redis could not be reached or started: exit 69. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError'
}

export interface StartedProvider {
  readonly provider: ServerProvider
  /** What this Redis cannot do, to be told once; null: nothing. */
  readonly warning: string | null
}

/**
 * Starts what answers.
 * @throws UsageError when the program is none; UnavailableError when there is no such Redis
 */
export async function startProvider({
  redis,
  redisBinary,
  image,
}: Omit<ProviderChoice, 'hosts'>): Promise<StartedProvider> {
  switch (redis) {
    case 'memory': {
      const { memoryProvider } = await import('../world/node/environment.ts')
      return { provider: memoryProvider(), warning: null }
    }
    case 'mock': {
      const { createMockProvider } = await import('../server/node/mock.ts')
      return { provider: await createMockProvider(), warning: null }
    }
    case 'server': {
      const { createRedisServerProvider } = await import('../server/node/redis-server.ts')
      return real(() => createRedisServerProvider(redisBinary === null ? {} : { binary: redisBinary }))
    }
    case 'container': {
      const { createContainerProvider } = await import('../server/node/container.ts')
      return real(() => createContainerProvider(image === null ? {} : { image }))
    }
    default: {
      const { createUrlProvider } = await import('../server/node/url.ts')
      return real(() => createUrlProvider({ url: redis }))
    }
  }
}

async function real(start: () => Promise<RealServerProvider>): Promise<StartedProvider> {
  try {
    const provider = await start()
    return { provider, warning: provider.warning === null ? null : `warning: ${provider.warning}` }
  } catch (error) {
    if (error instanceof UsageError) throw error
    const message = error instanceof Error ? error.message : String(error)
    throw new UnavailableError(message, { cause: error })
  }
}

/**
 * Refuses flags that would have no effect; in the environment or a config file they may wait for their turn.
 * @throws UsageError
 */
export function checkChoice(
  redis: string,
  flags: Readonly<Record<string, unknown>>,
  placeOf: (key: 'redisBinary' | 'image') => string = (key) => (key === 'image' ? '--image' : '--redis-binary'),
): void {
  if (flags.redisBinary !== undefined && redis !== 'server') throw goesWith(placeOf('redisBinary'), 'server', redis)
  if (flags.image !== undefined && redis !== 'container') throw goesWith(placeOf('image'), 'container', redis)
}

const goesWith = (flag: string, kind: string, redis: string): UsageError =>
  new UsageError(
    flag,
    `it goes with --redis ${kind}, and --redis is ${redis}`,
    `add --redis ${kind}, or leave out ${flag}`,
  )
