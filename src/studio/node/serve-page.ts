/**
 * The playground's page on a port of this machine: one file, to whoever asks from here. Nothing of what is in the page comes back: its
 * worlds run in the browser.
 */
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Where the build puts the page, seen from here in `src` as in `dist`; the folder can be served by any web host. */
export const PAGE_FILE = new URL('../../../dist/studio/index.html', import.meta.url)

/** No other machine reaches it. */
const HOST = '127.0.0.1'
const PATHS: readonly string[] = ['/', '/index.html']

/** A page that is being served. */
export interface ServedPage {
  readonly url: string
  /** Resolves when it has ended. */
  readonly ended: Promise<void>
  close(): void
}

/**
 * Serves the page.
 * @param port 0: any free one
 */
export async function servePage(port: number): Promise<ServedPage> {
  const page = readFileSync(PAGE_FILE)
  const server = createServer(({ url = '/', method }, response) => {
    const isThere = PATHS.includes(url.split('?')[0] as string)
    const isRead = method === 'GET' || method === 'HEAD'
    response.writeHead(!isThere ? 404 : isRead ? 200 : 405, {
      'content-type': isThere ? 'text/html; charset=utf-8' : 'text/plain',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
    response.end(isThere && method === 'GET' ? page : '')
  })
  await listening(server, port)
  const ended = new Promise<void>((resolve) => server.once('close', resolve))
  return {
    url: `http://${HOST}:${(server.address() as AddressInfo).port}/`,
    ended,
    close() {
      server.close()
      // Browsers keep theirs open.
      server.closeAllConnections()
    },
  }
}

const listening = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, HOST, resolve)
  })
