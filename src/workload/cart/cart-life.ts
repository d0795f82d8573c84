/**
 * What both forms of the cart have in common, the one in a session store and the one in a web application: its settings,
 * who is who, and what the web servers of one world share.
 */
import * as z from 'zod'
import { durationOrZeroUs, wholeNumber } from '../../fault/settings.ts'
import type { Client } from '../client.ts'
import { renamed } from '../settings.ts'
import type { Life } from '../workload.ts'
import { Browser } from './browser.ts'
import type { WebServer } from './web-server.ts'

/** The one user's session. */
export const SESSION_ID = 's1'

const inYaml = z
  .strictObject({
    requests: wholeNumber(1, 50).default(3).describe('Requests of one user that run at the same time'),
    work: durationOrZeroUs.prefault('20ms').describe('How long a request works between loading and saving'),
    logout: z.boolean().default(false).describe('Whether the user logs out while a request is running'),
  })
  .describe("Web servers load, change and save one user's session at the same time")

/** How often a web server looks whether the user is logged in. */
export const LOOK_US = 5_000
/** After twenty seconds the user will not be: the web server that was asked to log in has ended. */
export const LOOKS_MAX = 4_000

export const cartSettings = renamed(inYaml, { requests: 'requests', work: 'workUs', logout: 'logout' })

export type CartSettings = z.output<typeof cartSettings>

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
