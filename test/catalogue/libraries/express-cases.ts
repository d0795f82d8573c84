/**
 * What express-session and connect-redis are known to do wrong, each as an application, a plan and what must come out,
 * with a neighbour that must not show it. The numbers of requests (`before send 4`) count what the web server sends:
 *
 *   login as u1 or u2   GET when there is a cookie, DEL (regenerate), SET
 *   a read              GET, EXPIRE; with `resave` GET, SET; with a reload GET, GET, SET
 *
 * Two clients that are 60 ms apart never work at the same time: what they show is not a lost update of P81.
 */

import { type ExpressCart, expressCart } from '../../../catalogue/libraries/express-cart.ts'
import type { PlannedFault } from '../../../src/fault/fault.ts'
import type { Plan } from '../../../src/world/plan.ts'
import { cartPlan, fault } from '../../check/worlds.ts'

export interface ExpressCase {
  readonly title: string
  readonly app: ExpressCart
  readonly plan: Plan
  /** The violated properties, sorted; all are bugs. */
  readonly violated: readonly string[]
  /** Whether that is a limit: Redis itself let the session go. */
  readonly isLimit?: true
  /** A part of one violation's sentence. */
  readonly says?: string
}

const LOST = ['linearizability', 'session-lost-update']
const RESURRECTED = ['linearizability', 'session-resurrected']
const VANISHED = ['linearizability', 'session-vanished']

interface Changes {
  readonly clients?: number
  readonly requests?: number
  readonly logout?: boolean
  readonly isApart?: boolean
  readonly faults?: readonly PlannedFault[]
}

/** The default client is the direct one: connect-redis 9 brings node-redis, so only what is not the store's goes through it. */
const plan = ({ clients = 3, requests = 0, logout = false, isApart = false, faults = [] }: Changes): Plan =>
  cartPlan({
    clients,
    headStartUs: isApart ? 60_000 : 0,
    workload: { kind: 'cart', requests, workUs: 10_000, logout },
    faults,
  })

const resave = (isOn: boolean): ExpressCart => ({ resave: isOn })
const slow = (at: string): PlannedFault => fault('slow-work', { process: 'B', by: '500ms' }, at)
const late = (process: string, ms: number, at: string): PlannedFault =>
  fault('delay-request', { process, for: `${ms}ms` }, at)

const p81 = plan({ requests: 2 })
const slowRead = plan({ logout: true, faults: [slow('B before read')] })
const slowAdd = plan({ requests: 1, logout: true, faults: [slow('B before add')] })
/** B's page is slow enough for A's first change, and what it sends last comes after A's second change. */
const lateEnd = (count: number): Plan =>
  plan({
    clients: 2,
    requests: 2,
    faults: [
      fault('slow-work', { process: 'B', by: '15ms' }, 'B before read'),
      late('B', 100, `B before send ${count}`),
    ],
  })
const ahead = plan({
  clients: 2,
  requests: 1,
  isApart: true,
  faults: [fault('clock-offset', { process: 'B', by: '+20s' }, 'B before visit')],
})
const lateSave = (count: number, requests = 0): Plan =>
  plan({ clients: 2, requests, faults: [late('A', 50, `A before send ${count}`)] })
/** The second tab's GET comes after the login's DEL. */
const tabAtLogin = plan({ faults: [late('B', 12, 'B before visit')] })
const oneByOne = (...faults: PlannedFault[]): Plan => plan({ clients: 2, requests: 2, isApart: true, faults })
const restart = (keepData: boolean): PlannedFault =>
  fault('restart', { process: 'redis-1', after: '50ms', 'keep-data': keepData }, 'B after add')

export const CASES: readonly ExpressCase[] = [
  { title: 'P81: requests overwrite each other', app: resave(false), plan: p81, violated: LOST },
  { title: 'P81: the same with resave', app: resave(true), plan: p81, violated: LOST },

  { title: 'P82: a slow change undoes the logout', app: resave(false), plan: slowAdd, violated: RESURRECTED },
  { title: 'P82: the same with resave', app: resave(true), plan: slowAdd, violated: RESURRECTED },
  { title: 'P82: with resave, so does a slow page', app: resave(true), plan: slowRead, violated: RESURRECTED },
  { title: 'P82: without it, a slow page does not', app: resave(false), plan: slowRead, violated: [] },
  { title: 'P82: nor with rolling', app: { resave: false, rolling: true }, plan: slowRead, violated: [] },

  {
    title: 'P83: a page that reloads the session saves it',
    app: { resave: false, reloads: true },
    plan: lateEnd(5),
    violated: LOST,
    says: '"a2"',
  },
  { title: 'P83: a page that does not, does not', app: resave(false), plan: lateEnd(4), violated: [] },
  { title: 'P83: with resave every page saves it', app: resave(true), plan: lateEnd(4), violated: LOST, says: '"a1"' },
  {
    title: 'P83: after regenerate and save, the session is saved once more',
    app: { resave: false, answer: 'redirect', savesAtLogin: true },
    plan: lateSave(3, 1),
    violated: LOST,
    says: '"b1"',
  },

  {
    title: 'P84: 6.1.0 merges until the session is gone',
    app: { store: 6, resave: false },
    plan: p81,
    violated: VANISHED,
  },
  { title: 'P84: the same with resave', app: { store: 6, resave: true }, plan: p81, violated: VANISHED },

  {
    title: 'P86: a save by a server whose clock is ahead destroys the session',
    app: { resave: false, savesFirst: true },
    plan: ahead,
    violated: VANISHED,
  },
  { title: 'P86: the save at the end of a request does not', app: resave(false), plan: ahead, violated: [] },
  { title: 'P86: nor with resave', app: resave(true), plan: ahead, violated: [] },

  {
    title: 'P87: a redirect is followed before the login is stored',
    app: { resave: false, answer: 'redirect' },
    plan: lateSave(2),
    violated: VANISHED,
  },
  { title: 'P87: a page is not', app: resave(false), plan: lateSave(2), violated: [] },
  {
    title: 'P87: nor is a redirect after a save',
    app: { resave: false, answer: 'redirect', savesAtLogin: true },
    plan: lateSave(2),
    violated: [],
  },

  {
    title: 'P88: when Redis has forgotten the session, the user is nobody without a word',
    app: resave(false),
    plan: oneByOne(restart(false)),
    violated: VANISHED,
    isLimit: true,
  },
  {
    title: 'P88: when Redis comes back with its data, all is well',
    app: resave(false),
    plan: oneByOne(restart(true)),
    violated: [],
  },
  {
    title: 'P88: requests of a server that is cut off wait',
    app: { resave: false, saveUninitialized: true },
    plan: oneByOne(fault('partition', { groups: [['B'], ['redis-1']], for: '2s' }, 'B after add')),
    violated: [],
  },

  {
    title: 'P89: a tab that loads while the login regenerates logs the user out',
    app: { resave: false, saveUninitialized: true },
    plan: tabAtLogin,
    violated: VANISHED,
  },
  { title: 'P89: not where visitors get no session', app: resave(false), plan: tabAtLogin, violated: [] },

  {
    title: 'P90: a login that keeps the id lets in who planted it',
    app: { resave: false, saveUninitialized: true, login: 'keep the id' },
    plan: oneByOne(),
    violated: ['session-crossed'],
    says: 'B served a stranger, who had never logged in, as u1',
  },
  {
    title: 'P90: a login that regenerates does not',
    app: { resave: false, saveUninitialized: true },
    plan: oneByOne(),
    violated: [],
  },
  {
    title: 'P90: nor one where visitors get no session',
    app: { resave: false, login: 'keep the id' },
    plan: oneByOne(),
    violated: [],
  },
]

/** The subject and the plan of a case; connect-redis 6 works with callbacks, which ioredis takes. */
export const worldOf = ({ app, plan }: ExpressCase) => ({
  app: expressCart('express', app),
  plan: app.store === 6 ? { ...plan, client: 'ioredis' as const } : plan,
})
