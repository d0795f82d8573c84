/** A request to a handler without a port: what a browser and a server see of each other, in a world and outside of one. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import { installHost } from '../../src/host/install.ts'
import { ask } from '../../src/session/node/ask.ts'
import { inMacrotask, runLoop } from '../../src/sim/node/drain.ts'
import { World } from '../../src/sim/world.ts'

installHost()

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += chunk
  return text
}

/** Answers with what it was asked. */
const echo = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const { method, url, headers } = request
  const text = await textOf(request)
  response.setHeader('set-cookie', ['a=1', 'b=2; HttpOnly'])
  response.writeHead(201, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ method, url, cookie: headers.cookie, type: headers['content-type'], text }))
}

/** Runs a task in a process of a world; gives what it comes to, when that was, and what else the world has to say. */
async function inWorld<Result>(task: () => Promise<Result>) {
  const world = new World('ask', { events: 10_000, virtualUs: 60_000_000, records: 100 })
  const process = world.addProcess('A')
  const results: (Result | string)[] = []
  let endedUs = Number.NaN
  world.schedule(1000, process, 'timer', () => {
    task()
      .catch((error: unknown) => String(error))
      .then((result) => {
        results.push(result)
        endedUs = world.nowUs
      })
  })
  await inMacrotask(() => runLoop(world))
  return { results, endedUs, isCrashed: process.isCrashed, records: world.trace.sort().map(({ op }) => op) }
}

const LARGE = 'ü'.repeat(200_000)

describe('a request to a handler', () => {
  it('arrives with method, path, headers and body, and what is answered comes back', async () => {
    const response = await ask(echo, '/cart?x=1', { method: 'PUT', headers: { cookie: 'c=3' }, body: { item: 'ü' } })
    expect([response.status, response.headers.getSetCookie()]).toEqual([201, ['a=1', 'b=2; HttpOnly']])
    expect(await response.json()).toEqual({
      method: 'PUT',
      url: '/cart?x=1',
      cookie: 'c=3',
      type: 'application/json',
      text: '{"item":"ü"}',
    })
  })

  it('may have a text, or no body at all; an answer may have none', async () => {
    const posted = await ask(echo, '/', { method: 'POST', body: 'a=1', headers: { 'content-type': 'text/plain' } })
    expect(await posted.json()).toMatchObject({ text: 'a=1', type: 'text/plain' })
    expect(await (await ask(echo, '/')).json()).toMatchObject({ method: 'GET', text: '' })
    const empty: RequestListener = (_, response) => void response.writeHead(204).end()
    expect([(await ask(empty, '/')).status, await (await ask(empty, '/')).text()]).toEqual([204, ''])
  })

  it('may be larger than what a pipe takes at once, in both directions', async () => {
    expect(await (await ask(echo, '/', { method: 'POST', body: LARGE })).json()).toMatchObject({ text: LARGE })
  })

  it('says nothing of the clock of the host', async () => {
    expect((await ask(echo, '/')).headers.get('date')).toBeNull()
  })

  it('takes no time in a world, and waits for the timers of the handler', async () => {
    const { results, endedUs } = await inWorld(async () => (await ask(echo, '/now')).status)
    expect({ results, endedUs }).toEqual({ results: [201], endedUs: 1000 })
    const slow: RequestListener = (_, response) => void setTimeout(() => response.end('late'), 20)
    const late = await inWorld(async () => (await ask(slow, '/late')).text())
    expect(late).toMatchObject({ results: ['late'], endedUs: 21_000 })
  })

  it('fails when the server closes the connection in the middle, as a browser sees it, and crashes no process', async () => {
    const cut: RequestListener = (request, response) => {
      response.writeHead(200, { 'content-length': '10' })
      response.write('half')
      setTimeout(() => request.socket.destroy(), 5)
    }
    const { results, isCrashed } = await inWorld(async () => (await ask(cut, '/')).text())
    expect({ results, isCrashed }).toEqual({ results: ['Error: aborted'], isCrashed: false })
    const refused: RequestListener = (request) => void request.socket.destroy()
    expect((await inWorld(() => ask(refused, '/'))).results).toEqual(['Error: socket hang up'])
  })

  it('is answered when the server closes the connection after the answer, as Express does where a session could not be saved', async () => {
    const done: RequestListener = (request, response) => {
      response.end('done')
      setTimeout(() => request.socket.destroy(), 5)
    }
    const { results, isCrashed, records } = await inWorld(async () => (await ask(done, '/')).text())
    expect({ results, isCrashed, records }).toEqual({ results: ['done'], isCrashed: false, records: [] })
  })
})
