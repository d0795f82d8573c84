/** Firefox, as far as a test needs it: a page that runs one function, and tells what it gives. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { text as wholeText } from 'node:stream/consumers'

const FIREFOX = ['/usr/bin/firefox-esr', '/usr/bin/firefox'].find((file) => existsSync(file))

export const isFirefoxThere = FIREFOX !== undefined

/**
 * What a function gives in a page, or the message of what it threw; both it and its argument go there as text.
 * @throws Error when Firefox ends before that
 */
export async function inFirefox<Argument>(
  run: (argument: Argument) => Promise<unknown>,
  argument: Argument,
): Promise<unknown> {
  let answered: (text: string) => void
  const answer = new Promise<string>((resolve) => {
    answered = resolve
  })
  const page = `<!doctype html><meta charset="utf-8"><script>
    fetch('/argument').then((response) => response.json()).then(${run}).catch(String)
      .then((answer) => fetch('/answer', { method: 'POST', body: JSON.stringify(answer) }))
  </script>`
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.url === '/answer') answered(await wholeText(request))
    const body = request.url === '/' ? page : request.url === '/argument' ? JSON.stringify(argument) : ''
    response.setHeader('content-type', request.url === '/' ? 'text/html' : 'application/json').end(body)
  }
  const server = createServer((request, response) => void serve(request, response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const profile = mkdtempSync(path.join(tmpdir(), 'lockstorm-firefox-'))
  // A group of its own: it starts processes for its pages.
  const firefox = spawn(
    FIREFOX as string,
    ['--headless', '--no-remote', '--profile', profile, `http://127.0.0.1:${port}/`],
    { stdio: 'ignore', detached: true, env: { ...process.env, HOME: profile } },
  )
  const ended = once(firefox, 'exit')
  try {
    const early = ended.then(([code]) => Promise.reject(new Error(`Firefox ended with ${code}`)))
    return JSON.parse(await Promise.race([answer, early]))
  } finally {
    if (firefox.exitCode === null) process.kill(-(firefox.pid as number), 'SIGKILL')
    await ended
    server.closeAllConnections()
    server.close()
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
  }
}
