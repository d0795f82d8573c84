/**
 * Redis over HTTP, as Upstash serves it: `fetch` of a simulated process leads to the Redis node of that host. Each request is a
 * connection of its own through the simulated network, so that every fault strikes it as it does any other.
 *
 * Models          POST of one command to `/`, of several to `/pipeline` and `/multi-exec`; `Upstash-Encoding: base64`; results and
 *                 errors in JSON; `signal`.
 * Does not model  commands in the path of a GET, `/monitor`, `/subscribe`, tokens (each is right), other services.
 *
 * Source: https://upstash.com/docs/redis/features/restapi
 */
import { dispatch } from '../../host/dispatch.ts'
import { leadToRedis } from '../../host/names.ts'
import { refuse } from '../../host/refuse.ts'
import { networkOf } from '../../net/network.ts'
import { fromBytes, toBytes } from '../../redis/bytes.ts'
import { isError, type Reply } from '../../redis/reply.ts'
import type { SimProcess } from '../../sim/process.ts'
import { Channel, type ConnectionError } from '../channel.ts'

type Answer = { readonly result: unknown } | { readonly error: string }
type Command = readonly unknown[]

/** Makes `fetch` of simulated processes lead to Redis. */
export function installRest(): void {
  dispatch(globalThis, 'fetch', (process: SimProcess, input: string | URL | Request, init: RequestInit = {}) =>
    answer(process, new URL(input instanceof Request ? input.url : input), init),
  )
}

async function answer(process: SimProcess, url: URL, init: RequestInit): Promise<Response> {
  const commands = commandsOf(url, init)
  const address = leadToRedis(networkOf(process.world), { host: url.hostname, port: Number(url.port || 443) })
  const isTransaction = url.pathname.endsWith('/multi-exec')
  const isBase64 = new Headers(init.headers).get('upstash-encoding') === 'base64'
  const channel = new Channel<Reply>(process, networkOf(process.world), address)
  const sent = isTransaction ? [['MULTI'], ...commands, ['EXEC']] : commands
  const replies = Promise.all(sent.map((command) => channel.request(command.map(argumentOf), (reply) => reply)))
  try {
    const settled = await Promise.race([replies, abortOf(init.signal)])
    const last = settled.at(-1) as Reply
    const results = isTransaction ? (Array.isArray(last) ? (last as readonly Reply[]) : [last]) : settled
    const answers = results.map((reply) => written(reply, isBase64))
    const isOne = !isTransaction && !url.pathname.endsWith('/pipeline')
    const [first] = answers
    const status = (isOne && first !== undefined && 'error' in first) || (isTransaction && isError(last)) ? 400 : 200
    return new Response(JSON.stringify(isOne || status === 400 ? first : answers), {
      status,
      headers: { 'content-type': 'application/json' },
    })
  } catch (error) {
    // A connection that fails is told as `fetch` tells it.
    if ((error as ConnectionError).name === 'ConnectionError') throw new TypeError('fetch failed', { cause: error })
    throw error
  } finally {
    channel.close()
  }
}

/** What a request asks of Redis; it is refused where it is made when it asks something else. */
function commandsOf(url: URL, { method, body }: RequestInit): readonly Command[] {
  const asked: unknown = method?.toUpperCase() === 'POST' && typeof body === 'string' ? parsed(body) : null
  const isMany = /\/(pipeline|multi-exec)$/.test(url.pathname)
  const commands = isMany ? asked : [asked]
  if (Array.isArray(commands) && commands.every((command) => Array.isArray(command) && command.length > 0)) {
    return commands as readonly Command[]
  }
  return refuse(
    `fetch(${JSON.stringify(url.href)})`,
    'the only service of a simulated world is Redis, over HTTP as Upstash serves it: POST of a command in JSON',
    'give the code under test something else in its place',
  )
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

const argumentOf = (value: unknown): string =>
  toBytes(typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value))

function written(reply: Reply, isBase64: boolean): Answer {
  return isError(reply) ? { error: fromBytes(reply.text) } : { result: plain(reply, isBase64) }
}

function plain(reply: Reply, isBase64: boolean): unknown {
  if (typeof reply === 'string') return isBase64 ? btoa(reply) : fromBytes(reply)
  if (typeof reply === 'bigint') return Number(reply)
  if (typeof reply !== 'object' || reply === null) return reply
  if (Array.isArray(reply)) return (reply as readonly Reply[]).map((item) => plain(item, isBase64))
  // OK is left as it is.
  if ('text' in reply) return reply.kind === 'status' && isBase64 && reply.text !== 'OK' ? btoa(reply.text) : reply.text
  return null
}

/** Rejects when the request is aborted; without a signal never. */
const abortOf = (signal: AbortSignal | null | undefined): Promise<never> =>
  new Promise((_, reject) => {
    if (signal === null || signal === undefined) return
    if (signal.aborted) reject(signal.reason)
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
