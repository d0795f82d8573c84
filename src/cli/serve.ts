/**
 * `lockstorm serve`: the in-memory Redis on a port of this machine, until a signal or SHUTDOWN ends it.
 */
import { UnavailableError } from '../engine/provider.ts'
import { readConfiguration } from '../redis/config.ts'
import { HOST, ServedRedis } from '../server/node/served-redis.ts'
import { REDIS_PORT } from '../server/redis-node.ts'
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
  let served: ServedRedis | null = null
  const interrupt = new Interrupt(() => served?.close())
  interrupt.listen()
  served = await start(port, () => ServedRedis.start({ port, clock, seed, version: redisVersion, configuration }))
  if (interrupt.exitCode !== null) served.close()
  const url = `redis://${HOST}:${served.port}`
  const { version } = served
  if (settings.json) terminal.print(JSON.stringify({ url, host: HOST, port: served.port, version, clock }, null, 2))
  else if (!settings.quiet) {
    terminal.print(`${served.description} in memory on ${url}`)
    if (clock === 'manual') terminal.print('its clock stands still: DEBUG CLOCK ADVANCE 500 moves it by 500 ms')
    terminal.tell('Ctrl-C ends it')
  }
  await served.ended
  interrupt.stop()
  return interrupt.exitCode ?? EXIT.ok
}

function pairOf(text: string): readonly [string, string] {
  const at = text.indexOf('=')
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)]
  throw new UsageError('--set', `expected NAME=VALUE, got ${JSON.stringify(text)}`)
}

async function start(port: number, listen: () => Promise<ServedRedis>): Promise<ServedRedis> {
  try {
    return await listen()
  } catch (error) {
    throw new UnavailableError(`serve: ${listenProblem(error, port)}`, { cause: error })
  }
}

/** Why a port cannot be had, in words. */
export function listenProblem(error: unknown, port: number): string {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE') return `port ${port} is taken: stop what listens there, or say --port 0 for a free one`
  if (code === 'EACCES') return `port ${port} is not for this user: take one above 1023`
  return message
}
