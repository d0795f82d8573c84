/**
 * What both forms of the cart have in common, the one in a session store and the one in a web application: its settings,
 * who is who, and what the web servers of one world share.
 */
import type { Client } from '../client.ts'
import type { Life } from '../workload.ts'
import { Browser } from './browser.ts'
import type { WebServer } from './web-server.ts'

/** The one user's session. */
export const SESSION_ID = 's1'

export interface CartSettings {
  /** Requests of one user that each web server gets, one after the other, at the same time as the others. */
  readonly requests: number
  /** How long a request works between loading and saving. */
  readonly workUs: number
  /** Whether the user logs out while a request is running. */
  readonly logout: boolean
}

/** What the web servers of one world share outside of Redis: the user, who sits in front of a browser. */
export interface CartShared {
  /** Whether the login was answered, well or not: the user knows. */
  isLoginOver: boolean
  readonly browsers: Browsers
  /** The instances of the application under test that were started. */
  readonly servers: Map<Client, WebServer>
}

/** The browsers of one world. */
export interface Browsers {
  readonly user: Browser
  readonly other: Browser
  readonly stranger: Browser
}

/** Three browsers with empty jars, and no login yet. */
export const shareCart = (): CartShared => ({
  isLoginOver: false,
  browsers: { user: new Browser('u1'), other: new Browser('u2'), stranger: new Browser('stranger') },
  servers: new Map(),
})

export type CartLife = Life<CartSettings, 'session', CartShared>

/** The first web server logs the user in, the last one logs out. */
export const roleOf = ({ index, clients }: CartLife): 'first' | 'middle' | 'last' =>
  index === 0 ? 'first' : index === clients - 1 ? 'last' : 'middle'
