/**
 * `lockstorm studio`: the playground in the browser, until a signal ends it.
 */
import { spawn } from 'node:child_process'
import { UnavailableError } from '../engine/provider.ts'
import { decodeToken } from '../scenario/token.ts'
import { type ServedPage, servePage } from '../studio/node/serve-page.ts'
import { EXIT, type ExitCode } from './exit-code.ts'
import { Interrupt } from './interrupt.ts'
import { type Invocation, invokedSettings } from './invocation.ts'
import { listenProblem } from './serve.ts'

/**
 * Runs the verb.
 * @throws UsageError when a token is none; UnavailableError when the port cannot be had
 */
export async function studio(invocation: Invocation): Promise<ExitCode> {
  const settled = await invokedSettings(invocation)
  if (settled === null) return EXIT.ok
  const { settings } = settled
  const { terminal, words } = invocation
  const [token] = words
  if (token !== undefined) decodeToken(token)
  let served: ServedPage | null = null
  const interrupt = new Interrupt(() => served?.close())
  interrupt.listen()
  try {
    served = await servePage(settings.port ?? 0)
  } catch (error) {
    throw new UnavailableError(`studio: ${listenProblem(error, settings.port ?? 0)}`, { cause: error })
  }
  if (interrupt.exitCode !== null) served.close()
  const url = token === undefined ? served.url : `${served.url}#${token}`
  if (settings.json) terminal.print(JSON.stringify({ url }, null, 2))
  else if (!settings.quiet) {
    terminal.print(`the playground is on ${url}`)
    terminal.tell('Ctrl-C ends it')
  }
  if (settings.open && !settings.json && process.stdout.isTTY) openBrowser(url, (problem) => terminal.tell(problem))
  await served.ended
  interrupt.stop()
  return interrupt.exitCode ?? EXIT.ok
}

/** What opens an address on each system. */
const OPENERS: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
}

/** Where there is no browser, whoever reads the address opens it elsewhere. */
function openBrowser(url: string, tell: (problem: string) => void): void {
  const [command = 'xdg-open', ...args] = OPENERS[process.platform] ?? []
  const opener = spawn(command, [...args, url], { stdio: 'ignore', detached: true })
  opener.on('error', () => tell(`no browser could be opened: open ${url}`))
  opener.unref()
}
