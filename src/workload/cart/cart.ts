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

import { sessionKey } from '../../session/session-store.ts'
import { counted, countText } from '../../text/time.ts'
import { defineWorkload } from '../workload.ts'
import { probeAppCart, runAppCart, serve } from './app-cart.ts'
import { cartSettings, SESSION_ID, shareCart } from './cart-life.ts'
import { probeStoreCart, runStoreCart } from './store-cart.ts'

export const cart = defineWorkload({
  kind: 'cart',
  takes: 'session',
  schema: cartSettings,
  operations: ['login', 'add', 'load', 'remove', 'logout'],
  anchors: ['add', 'load'],
  doneBy: ['add', 'remove'],
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
  // Where the cart is not changed, to be shown it is what is done.
  rules: ({ requests }) => (requests === 0 ? { doneBy: ['login', 'load', 'visit'] } : {}),
  describe: ({ requests, logout }, clients) => ({
    en: `cart${logout ? ' with logout' : ''}, ${counted(clients, 'client')} × ${counted(requests, 'request')}`,
    zh: `cart${logout ? '（含退出登录）' : ''}，${clients} 个客户端 × ${countText(requests)} 个请求`,
  }),
  hunts: {
    isUsual: true,
    settings: ({ rounds, workUs }) => [false, true].map((logout) => ({ requests: rounds, workUs, logout })),
    ttlLeases: 10,
    headStartUs: 0,
  },
})
