/**
 * A shopping cart in a session: the user logs in, several requests of one session run at the same time on different web
 * servers and each puts an item into the cart, one takes an item out again, and perhaps the user logs out while a
 * request is still running.
 *
 *   login ── A: add a1 ──────────── add a2 ── …
 *            B: add b1 ── remove b1 ── add b2
 *            C: ………… logout (when planned)
 *
 * What was acknowledged is what it is held to: S(t+1) = (S(t) ∪ U(t)) − D(t). A session store is called by the web servers
 * themselves (`store-cart.ts`), a web application is asked by browsers (`app-cart.ts`).
 */
import { z } from 'zod'
import { durationOrZeroUs, wholeNumber } from '../../fault/settings.ts'
import { sessionKey } from '../../session/session-store.ts'
import { defineWorkload } from '../workload.ts'
import { probeAppCart, runAppCart, serve } from './app-cart.ts'
import { type CartSettings, SESSION_ID, shareCart } from './cart-life.ts'
import { probeStoreCart, runStoreCart } from './store-cart.ts'

const inYaml = z
  .strictObject({
    requests: wholeNumber(1, 50).default(3).describe('Requests of one user that run at the same time'),
    work: durationOrZeroUs.prefault('20ms').describe('How long a request works between loading and saving'),
    logout: z.boolean().default(false).describe('Whether the user logs out while a request is running'),
  })
  .describe("Web servers load, change and save one user's session at the same time")

const schema = z.codec(inYaml, z.custom<CartSettings>(), {
  decode: ({ requests, work, logout }) => ({ requests, workUs: work, logout }),
  encode: ({ requests, workUs, logout }) => ({ requests, work: workUs, logout }),
})

export const cart = defineWorkload({
  kind: 'cart',
  takes: 'session',
  schema,
  operations: ['login', 'add', 'load', 'remove', 'logout'],
  anchors: ['add', 'load'],
  properties: [
    'session-crossed',
    'session-lost-update',
    'session-vanished',
    'session-resurrected',
    'session-stale-read',
    'hang',
    'linearizability',
    'crash',
  ],
  key: sessionKey(SESSION_ID),
  // Only an application knows the keys of its sessions.
  watches: ({ app }) => (app === undefined ? [sessionKey(SESSION_ID)] : []),
  share: shareCart,
  open: (life) => (life.subject.app === undefined ? undefined : serve(life, life.subject.app)),
  run: (life) => {
    const { subject } = life
    return subject.app === undefined ? runStoreCart(life, subject.store) : runAppCart(life, subject.app)
  },
  probe: (life) => {
    const { subject } = life
    return subject.app === undefined ? probeStoreCart(life, subject.store) : probeAppCart(life, subject.app)
  },
  lastsUs: ({ requests, workUs }, talkUs) => (requests + 1) * (workUs + talkUs),
  roundsOf: ({ requests }) => requests,
  withRounds: (settings, requests) => ({ ...settings, requests }),
  describe: ({ requests, logout }, clients) =>
    `cart${logout ? ' with logout' : ''}, ${clients} clients × ${requests} requests`,
  hunts: {
    settings: ({ rounds, workUs }) => [false, true].map((logout) => ({ requests: rounds, workUs, logout })),
    ttlLeases: 10,
    headStartUs: 0,
  },
})
