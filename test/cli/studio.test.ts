/** `lockstorm studio` through the built binary. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { describe, expect, it } from 'vitest'

const MAIN = path.resolve(import.meta.dirname, '../../dist/cli/main.js')

/** Starts it, and resolves with its first document. */
async function start(...args: readonly string[]) {
  const child = spawn(process.execPath, [MAIN, 'studio', '--json', ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = once(child, 'exit') as Promise<[number | null]>
  const [text] = (await Promise.race([once(child.stdout, 'data'), ended.then(() => [''])])) as [Buffer | string]
  const { url = '' } = (String(text) === '' ? {} : JSON.parse(String(text))) as { readonly url?: string }
  return { child, ended, url }
}

describe('lockstorm studio', () => {
  it('serves one page to this machine, until Ctrl-C', async () => {
    const { child, ended, url } = await start()
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/)
    const page = await fetch(url)
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
    expect(await page.text()).toContain('<title>lockstorm studio</title>')
    for (const other of ['../package.json', '%2e%2e/package.json', 'main.js']) {
      expect((await fetch(url + other)).status, other).toBe(404)
    }
    expect((await fetch(url, { method: 'POST' })).status).toBe(405)
    child.kill('SIGINT')
    expect(await ended).toEqual([130, null])
  })

  it('opens the storm of a token, and says when it is none', async () => {
    const wrong = await start('L1.nothing')
    expect(await wrong.ended).toEqual([64, null])
  })

  it('says when its port is taken', async () => {
    const first = await start()
    const port = new URL(first.url).port
    const second = await start('--port', port)
    expect(await second.ended).toEqual([69, null])
    first.child.kill('SIGTERM')
    expect(await first.ended).toEqual([143, null])
  })
})
