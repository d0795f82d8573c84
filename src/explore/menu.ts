/**
 * What an exhaustive hunt makes happen at each site: every kind of fault that can matter there, with magnitudes around
 * the lease, because what breaks locks is what lasts just under, exactly, or longer than that.
 */
import type { PlannedFault } from '../fault/fault.ts'
import { clientName, type Plan } from '../world/plan.ts'
import { anchorAt, type SeenSite } from './site.ts'

type Menu = readonly Pick<PlannedFault, 'kind' | 'settings'>[]

/** Just under, at, and over the lease, in tenths of it. */
const MAGNITUDES = [9, 10, 12] as const
const [UNDER, , OVER] = MAGNITUDES
/** How much too fast or slow a clock runs: two of them differ by the hundredth that Redlock allows for. */
const DRIFT_PPM = 5_000
/** A server that is started again at once. */
const DOWN_US = 5_000

/** What narrows or widens the menu. */
export interface MenuOptions {
  /** The second fault of a pair has the longest magnitude only. */
  readonly isSecond: boolean
  /** Redis may forget what it acknowledged. */
  readonly isLossy: boolean
}

/** The faults that can strike at this site. */
export function faultsAt(site: SeenSite, plan: Plan, options: MenuOptions): readonly PlannedFault[] {
  const at = anchorAt(site)
  const menu =
    site.site === 'send' ? sendMenu(site.process, plan, options) : replyMenu(site.process, plan, options.isSecond)
  return menu.map(({ kind, settings }) => ({ kind, settings, at }))
}

/** The faults that are there from the start. */
export function faultsAtStart(plan: Plan): readonly PlannedFault[] {
  const at = { kind: 'time', atUs: 0 } as const
  const clients = Array.from({ length: plan.clients }, (_, index) => clientName(index))
  const menu: Menu = [
    ...clients.map((process) => ({ kind: 'slow-work', settings: { process, by: tenths(plan, OVER) } })),
    ...[...clients, ...nodesOf(plan)].flatMap((process) =>
      [DRIFT_PPM, -DRIFT_PPM].map((ppm) => ({ kind: 'clock-rate', settings: { process, ppm } })),
    ),
  ]
  return menu.map(({ kind, settings }) => ({ kind, settings, at }))
}

function sendMenu(process: string, plan: Plan, { isSecond, isLossy }: MenuOptions): Menu {
  const over = tenths(plan, OVER)
  const nodes = nodesOf(plan)
  const steps = [over, -over]
  return [
    ...(isSecond ? [OVER] : MAGNITUDES).map((size) => ({
      kind: 'pause',
      settings: { process, for: tenths(plan, size) },
    })),
    ...(isSecond ? [OVER] : [UNDER, OVER]).map((size) => ({
      kind: 'delay-request',
      settings: { process, for: tenths(plan, size) },
    })),
    { kind: 'crash', settings: { process } },
    { kind: 'reset', settings: { process } },
    ...(isSecond ? [] : [{ kind: 'partition', settings: { groups: [[process], nodes], for: over } }]),
    ...steps.map((by) => ({ kind: 'clock-step', settings: { process, by } })),
    ...nodes.flatMap((node) => [
      ...steps.map((by) => ({ kind: 'clock-step', settings: { process: node, by } })),
      ...(isLossy ? [false, true] : [true]).map((keepData) => ({
        kind: 'restart',
        settings: { process: node, after: DOWN_US, 'keep-data': keepData },
      })),
    ]),
  ]
}

function replyMenu(process: string, plan: Plan, isSecond: boolean): Menu {
  const sizes = isSecond ? [OVER] : [UNDER, OVER]
  return [
    ...sizes.map((size) => ({ kind: 'pause', settings: { process, for: tenths(plan, size) } })),
    ...sizes.map((size) => ({ kind: 'delay-reply', settings: { process, for: tenths(plan, size) } })),
    { kind: 'lose-reply', settings: { process } },
  ]
}

const tenths = (plan: Plan, size: number): number => plan.ttlMs * 100 * size

const nodesOf = (plan: Plan): readonly string[] =>
  Array.from({ length: plan.nodes }, (_, index) => `redis-${index + 1}`)
