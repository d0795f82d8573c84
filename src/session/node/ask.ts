/**
 * A request to a handler of Node's (`(request, response) => …`: an Express application, Koa's `callback()`) without a port: an HTTP
 * server and a client of Node's own, joined by a pipe inside the process that asks.
 *
 * Models          what a browser and a server see of each other: streams, headers, a connection that the server closes in the
 *                 middle of an answer, which makes the request fail.
 * Does not model  time on the way, and addresses: faults strike between the application and Redis.
 */
import http, { type IncomingMessage, type RequestListener } from 'node:http'
import { type Duplex, duplexPair } from 'node:stream'

/** What is asked for beside the path. */
export interface AskOptions {
  /** Default: GET. */
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** A text, or what is sent as JSON. */
  readonly body?: unknown
}

const servers = new WeakMap<RequestListener, http.Server>()

/**
 * Asks a handler, as `fetch` asks a server.
 *
 * ```ts
 * const response = await ask(app, '/cart', { headers: { cookie } })
 * ```
 * @throws what Node's client throws, when the server closes the connection before the answer is complete
 */
export function ask(handler: RequestListener, path: string, options: AskOptions = {}): Promise<Response> {
  const { method = 'GET', headers = {}, body } = options
  const [browser, server] = duplexPair() as [Duplex, Duplex]
  // A pipe tells nothing of an end that is destroyed; a connection does.
  server.once('close', () => browser.push(null))
  serverOf(handler).emit('connection', server)
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
  const asked = { host: 'localhost', method, path, headers: { ...contentOf(body, text), ...headers } }
  return new Promise((resolve, reject) => {
    // Without a port the types do not know it: `http.request` in its long form, which opens no socket here.
    const request = new http.ClientRequest({ ...asked, createConnection: () => browser } as never)
    request.on('error', reject)
    request.on('response', (answer: IncomingMessage) => answerOf(answer).then(resolve, reject))
    request.end(text)
  })
}

function serverOf(handler: RequestListener): http.Server {
  let server = servers.get(handler)
  if (server === undefined) {
    server = http.createServer((request, response) => {
      // The date is the host's.
      response.sendDate = false
      return handler(request, response)
    })
    servers.set(handler, server)
  }
  return server
}

const contentOf = (body: unknown, text: string | undefined): Readonly<Record<string, string>> => ({
  ...(text === undefined ? {} : { 'content-length': String(Buffer.byteLength(text)) }),
  ...(typeof body === 'object' && body !== null ? { 'content-type': 'application/json' } : {}),
})

/** Statuses whose answers have no body. */
const EMPTY = new Set([204, 205, 304])

async function answerOf(answer: IncomingMessage): Promise<Response> {
  const chunks: Buffer[] = []
  for await (const chunk of answer) chunks.push(chunk as Buffer)
  const { statusCode: status = 0 } = answer
  const headers = new Headers()
  for (let index = 0; index < answer.rawHeaders.length; index += 2) {
    headers.append(answer.rawHeaders[index] as string, answer.rawHeaders[index + 1] as string)
  }
  return new Response(EMPTY.has(status) ? null : Buffer.concat(chunks), { status, headers })
}
