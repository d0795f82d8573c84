/**
 * The second contract of what keeps sessions, for whole web applications: `defineSessionApp`.
 *
 * A framework with a session middleware does not fit `load` and `save`: when the session is stored, and whether it is, is
 * what it decides by itself. So the application is given requests, as a browser sends them, and its answers are judged.
 * Each simulated client is one web server with an instance of the application; browsers and their cookies are outside.
 * `ask` sends a request to a handler of Node's, such as an Express application, without a port. `examples/` in the repository has
 * an application on each of five frameworks.
 */

import { checkDefinition } from '../lock/definition.ts'
import type { RedisCommands } from '../lock/redis-commands.ts'

/** What one web server is given when it starts. */
export interface SessionAppContext<Redis = RedisCommands> {
  /** A connected driver object. */
  readonly redis: Redis
  /** Opens one more connection. */
  connect(): Promise<Redis>
  /** Where a driver of the application's own connects to. */
  readonly host: string
  readonly port: number
  /** How long an unused session lives. */
  readonly ttlMs: number
  /** What a request takes between reading the session and changing it: handlers await it once. */
  work(): Promise<void>
}

/** One request of a browser. */
export interface AppRequest {
  /**
   * `login` as `user`; `read` the cart; `add` `item` to the cart or `remove` it, when a user is logged in; `logout`.
   */
  readonly action: 'login' | 'read' | 'add' | 'remove' | 'logout'
  /** The Cookie header; empty: none. */
  readonly cookie: string
  readonly user?: string
  readonly item?: string
}

/** What is in the session: as a handler found it, or as it stored it, whichever it answers with. */
export interface Cart {
  readonly user: string
  readonly items: readonly string[]
}

/** What reached the browser: of a redirect, which is followed at once, the headers suffice. */
export interface AppResponse {
  /** 2xx and 3xx: it was done. 401: no user is logged in. 409: another request overtook it. Anything else: unknown. */
  readonly status: number
  /** The Set-Cookie headers. */
  readonly setCookie: readonly string[]
  /** Of `read`, `add` and `remove`. Null: no user is logged in. */
  readonly cart?: Cart | null
}

/** One web server. */
export interface SessionApp {
  request(request: AppRequest): Promise<AppResponse>
}

/** A web application under test. */
export interface SessionAppDefinition<Redis = RedisCommands> {
  /** Short and unique: a column of the matrix. */
  readonly name: string
  readonly title?: string
  readonly commands?: string
  /** Starts one web server; also after a crash, for it begins again with nothing. */
  start(context: SessionAppContext<Redis>): Promise<SessionApp> | SessionApp
}

/**
 * Declares a web application under test.
 * @throws UsageError when its name or `start` is missing.
 */
export function defineSessionApp<Redis = RedisCommands>(app: SessionAppDefinition<Redis>): SessionAppDefinition<Redis> {
  checkDefinition('defineSessionApp', app, ['a name and start', 'my-app'], {
    start: 'add async start(context) { … return { request } }',
  })
  return app
}
