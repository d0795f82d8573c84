/**
 * `lockstorm serve`: the in-memory Redis on a port of this machine, until a signal or SHUTDOWN ends it.
 */
import { UnavailableError } from '../engine/provider.ts'
import type { Settings } from '../engine/settings.ts'
import { readConfiguration } from '../redis/config.ts'
import { FIRST_CLUSTER_PORT_MAX, ServedCluster } from '../server/node/served-cluster.ts'
import { HOST, ServedRedis } from '../server/node/served-redis.ts'
import { PRIMARY_NAME, type ServedSentinel, serveSentinel } from '../server/node/served-sentinel.ts'
import { REDIS_PORT } from '../server/ports.ts'
import type { ServeClockKind } from '../server/serve-clock-kind.ts'
import { UsageError } from '../sim/usage-error.ts'
import { EXIT, type ExitCode } from './exit-code.ts'
import { Interrupt } from './interrupt.ts'
import { type Invocation, invokedSettings } from './invocation.ts'

/**
 * Runs the verb.
 * @throws UsageError; UnavailableError when the port cannot be had
 */
export async function serve(invocation: Invocation): Promise<ExitCode> {
  const settled = await invokedSettings(invocation)
  if (settled === null) return EXIT.ok
  const { settings } = settled
  const { terminal } = invocation
  const { clock, seed, redisVersion } = settings
  const port = settings.port ?? REDIS_PORT
  const configuration = readConfiguration(settings.set.map(pairOf))
  if (typeof configuration === 'string') throw new UsageError('--set', configuration)
  if (settings.sentinel) checkSentinel(clock)
  if (settings.cluster) checkCluster(settings)
  const options = { port, clock, seed, version: redisVersion ?? '7.0', configuration }
  let served: Served | null = null
  const interrupt = new Interrupt(() => served?.close())
  interrupt.listen()
  served = await start(port, (): Promise<Served> => {
    if (settings.cluster) return ServedCluster.start(options)
    return settings.sentinel ? serveSentinel(options) : ServedRedis.start(options)
  })
  if (interrupt.exitCode !== null) served.close()
  const nodes = served instanceof ServedCluster ? served.nodes.map((node) => node.port) : null
  const topology = served instanceof ServedRedis || served instanceof ServedCluster ? null : served
  const first = firstOf(served)
  const url = `redis://${HOST}:${first.port}`
  const { version } = first
  if (settings.json) {
    const told = { url, host: HOST, port: first.port, version, clock, ...(topology === null ? {} : portsOf(topology)) }
    const more = nodes === null ? {} : { nodes }
    terminal.print(JSON.stringify({ ...told, ...more }, null, 2))
  } else if (!settings.quiet) {
    terminal.print(`${first.description} in memory on ${url}`)
    if (topology !== null) {
      const { name, replicas, sentinels } = portsOf(topology)
      terminal.print(
        `replicas on the ports ${replicas.join(', ')}; Sentinels, which call it ${name}, on ${sentinels.join(', ')}`,
      )
      terminal.print(`redis-cli -p ${first.port} client pause 20000 (or shutdown) makes them promote a replica`)
    }
    if (nodes !== null) {
      terminal.print(
        `a Cluster: primaries on the ports ${nodes.slice(0, 3).join(', ')}, their replicas on ${nodes.slice(3).join(', ')}`,
      )
      terminal.print(
        `redis-cli -c -p ${first.port} finds all keys; shutdown of a primary makes its replica take its place`,
      )
    }
    if (clock === 'manual') terminal.print('its clock stands still: DEBUG CLOCK ADVANCE 500 moves it by 500 ms')
    terminal.tell('Ctrl-C ends it')
  }
  await served.ended
  interrupt.stop()
  return interrupt.exitCode ?? EXIT.ok
}

type Served = ServedRedis | ServedSentinel | ServedCluster

function firstOf(served: Served): ServedRedis {
  if (served instanceof ServedCluster) return served.nodes[0] as ServedRedis
  return served instanceof ServedRedis ? served : served.primary
}

/** What a Cluster cannot do here. */
function checkCluster({ sentinel, clock, port }: Settings): void {
  if (sentinel) throw new UsageError('--cluster', 'a Cluster needs no Sentinels', 'leave --sentinel out')
  if (clock === 'manual') throw new UsageError('--cluster', 'its nodes look at real time', 'leave --clock manual out')
  if (port === null || port <= FIRST_CLUSTER_PORT_MAX) return
  throw new UsageError(
    '--port',
    'a node of a Cluster has a second port, 10,000 above',
    `take ${FIRST_CLUSTER_PORT_MAX} or less`,
  )
}

/** What Sentinels cannot do here. */
function checkSentinel(clock: ServeClockKind): void {
  if (clock === 'manual') throw new UsageError('--sentinel', 'Sentinels look at real time', 'leave --clock manual out')
}

const portsOf = ({ replicas, sentinels }: ServedSentinel) => ({
  name: PRIMARY_NAME,
  replicas: replicas.map(({ port }) => port),
  sentinels: sentinels.map(({ port }) => port),
})

function pairOf(text: string): readonly [string, string] {
  const at = text.indexOf('=')
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)]
  throw new UsageError('--set', `expected NAME=VALUE, got ${JSON.stringify(text)}`)
}

async function start<Started>(port: number, listen: () => Promise<Started>): Promise<Started> {
  try {
    return await listen()
  } catch (error) {
    if (error instanceof UsageError) throw error
    const { port: taken = port } = error as { readonly port?: number }
    throw new UnavailableError(`serve: ${listenProblem(error, taken)}`, { cause: error })
  }
}

/** Why a port cannot be had, in words. */
export function listenProblem(error: unknown, port: number): string {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE') return `port ${port} is taken: stop what listens there, or say --port 0 for a free one`
  if (code === 'EACCES') return `port ${port} is not for this user: take one above 1023`
  return message
}
