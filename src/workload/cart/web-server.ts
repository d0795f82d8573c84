/**
 * One web server of the application under test, as browsers reach it: each request is put on record with what came of it.
 *
 * The records are those of the cart in a session store (`store-cart.ts`), so the same properties judge them, and `served`: whom
 * the request came from and who the application took that for.
 */
import type {
  AppRequest,
  AppResponse,
  SessionApp,
  SessionAppContext,
  SessionAppDefinition,
} from '../../session/session-app.ts'
import { type Client, note, reason, record, sleep } from '../client.ts'
import type { Browser } from './browser.ts'

export class WebServer {
  readonly client: Client
  readonly #app: SessionApp
  readonly #life: string
  #count = 0

  private constructor(client: Client, app: SessionApp) {
    const { process } = client
    this.client = client
    this.#app = app
    this.#life = `${client.name}${process.incarnation === 0 ? '' : `.${process.incarnation}`}`
  }

  /** Starts the application in a client's process. */
  static async start(client: Client, app: SessionAppDefinition, workUs: number, ttlMs: number): Promise<WebServer> {
    const context: SessionAppContext = {
      redis: client.nodes[0] as SessionAppContext['redis'],
      connect: () => client.connect(),
      host: client.address.host,
      port: client.address.port,
      ttlMs,
      work: () => sleep(client, workUs + client.extraWorkUs()),
    }
    return new WebServer(client, await app.start(context))
  }

  /** A browser looks at its cart, when nothing is expected of what it sees. */
  async visit(browser: Browser): Promise<void> {
    const token = this.#token()
    record(this.client, 'invoke', 'visit', [token, browser.user])
    try {
      const { status } = await this.#ask(browser, token, { action: 'read' })
      record(this.client, 'ok', 'visit', [token, browser.user, status])
    } catch (error) {
      record(this.client, 'info', 'visit', [token, browser.user, reason(error)])
    }
  }

  /** Logs in; true when that was answered. Only the user's own login is on record as one. */
  async login(browser: Browser, op: 'login' | 'visit'): Promise<boolean> {
    const token = this.#token()
    record(this.client, 'invoke', op, token)
    try {
      const { status } = await this.#ask(browser, token, { action: 'login', user: browser.user })
      browser.isLoggedIn ||= isDone(status)
      if (isDone(status)) record(this.client, 'ok', op, token)
      else record(this.client, isRefused(status) ? 'fail' : 'info', op, [token, status])
    } catch (error) {
      record(this.client, 'info', op, [token, reason(error)])
    }
    return browser.isLoggedIn
  }

  /** The user looks at the cart. */
  async read(browser: Browser): Promise<void> {
    const token = this.#token()
    record(this.client, 'invoke', 'read', token)
    await this.#look('read', token, () => this.#ask(browser, token, { action: 'read' }))
  }

  /** The user puts something into the cart, or takes it out. */
  async change(browser: Browser, action: 'add' | 'remove', item: string): Promise<void> {
    const token = this.#token()
    record(this.client, 'invoke', action, [token, item])
    const came = await this.#load(browser, token, action, item)
    if (typeof came === 'number' && isDone(came)) record(this.client, 'ok', action, [token, item])
    else if (typeof came === 'number' && isRefused(came)) {
      record(this.client, 'fail', action, [token, item, came === 401 ? 'no session' : 'overtaken'])
    } else record(this.client, 'info', action, [token, item, came])
  }

  /** The user logs out. What the cookie was before is kept: it must not be worth anything any more. */
  async logout(browser: Browser): Promise<void> {
    const token = this.#token()
    const kept = browser.header(this.client.process.localNowUs)
    record(this.client, 'invoke', 'logout', token)
    try {
      const { status } = await this.#ask(browser, token, { action: 'logout' })
      if (isDone(status)) browser.endedHeader = kept
      if (isDone(status)) record(this.client, 'ok', 'logout', token)
      else record(this.client, isRefused(status) ? 'fail' : 'info', 'logout', [token, status])
    } catch (error) {
      record(this.client, 'info', 'logout', [token, reason(error)])
    }
  }

  /** The last look, when all is calm; after a logout with the cookie from before it. */
  async probe(browser: Browser): Promise<void> {
    const token = this.#token()
    const cookie = browser.endedHeader ?? browser.header(this.client.process.localNowUs)
    record(this.client, 'invoke', 'probe', token)
    await this.#look('probe', token, async () => {
      const response = await this.#app.request({ action: 'read', cookie })
      this.#served(browser, token, response)
      return response
    })
  }

  async #look(op: 'read' | 'probe', token: string, ask: () => Promise<AppResponse>): Promise<void> {
    try {
      const response = await ask()
      const { status } = response
      if (isDone(status) || status === 401) record(this.client, 'ok', op, [token, itemList(response)])
      else record(this.client, 'fail', op, [token, status])
    } catch (error) {
      record(this.client, 'fail', op, [token, reason(error)])
    }
  }

  #token(): string {
    this.#count += 1
    return `${this.#life}-${this.#count}`
  }

  /** A request that loads the cart to change it. Resolves with its status, or with why there is none. */
  async #load(browser: Browser, token: string, action: 'add' | 'remove', item: string): Promise<number | string> {
    record(this.client, 'invoke', 'load', [token, item])
    try {
      const response = await this.#ask(browser, token, { action, item })
      const { status } = response
      if (isDone(status) || isRefused(status)) record(this.client, 'ok', 'load', [token, item, itemList(response)])
      else record(this.client, 'fail', 'load', [token, item, status])
      return status
    } catch (error) {
      record(this.client, 'fail', 'load', [token, item, reason(error)])
      return reason(error)
    }
  }

  async #ask(browser: Browser, token: string, request: Omit<AppRequest, 'cookie'>): Promise<AppResponse> {
    const { process } = this.client
    browser.hasAsked = true
    const response = await this.#app.request({ ...request, cookie: browser.header(process.localNowUs) })
    browser.accept(response.setCookie, process.localNowUs)
    this.#served(browser, token, response)
    return response
  }

  #served(browser: Browser, token: string, { cart }: AppResponse): void {
    if (cart === undefined) return
    note(this.client, 'note', 'served', [token, browser.user, cart?.user ?? null])
  }
}

const isDone = (status: number): boolean => status >= 200 && status < 400
/** Certainly not done: the user is not logged in, or another request overtook this one. */
const isRefused = (status: number): boolean => status === 401 || status === 409

/** What was in the session, as one sorted text, for records. */
const itemList = ({ cart }: AppResponse): string | null =>
  cart === null || cart === undefined ? null : ['user', ...cart.items].sort().join(' ')
