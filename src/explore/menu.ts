/**
 * What an exhaustive hunt makes happen at each site: every kind of fault that can matter there, with sizes around the lease,
 * because what breaks locks is what lasts just under, exactly, or longer than that. Each fault says itself what it has for
 * which place (`fault/menu-place.ts`).
 */
import type { Anchor, FaultKind, PlannedFault } from '../fault/fault.ts'
import type { Menu } from '../fault/menu-place.ts'
import { effectsOf } from '../fault/planned-fault.ts'
import { FAULTS, inMenuOrder } from '../fault/registry.ts'
import { castOf, namesOf } from '../world/cast.ts'
import type { Plan } from '../world/plan.ts'
import { anchorAt, type SeenSite } from './site.ts'

/** Just under, at, and over the lease, in tenths of it. */
const [UNDER, EQUAL, OVER] = [9, 10, 12] as const

const KINDS = inMenuOrder(FAULTS)

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
  const befalling = (process: string, moment: Moment): PlannedFault[] =>
    KINDS.flatMap((kind) => tried(kind, moment, { process, at, plan, options }))
  if (site.site === 'reply') return befalling(site.process, 'clientAtReply')
  return [...befalling(site.process, 'clientAtSend'), ...nodesOf(plan).flatMap((node) => befalling(node, 'nodeAtSend'))]
}

/** The faults that are there from the start. */
export function faultsAtStart(plan: Plan, options: MenuOptions): readonly PlannedFault[] {
  const at = { kind: 'time', atUs: 0 } as const
  const cast = castOf(plan)
  return KINDS.flatMap((kind) => [
    ...namesOf(cast, 'client').flatMap((process) => tried(kind, 'clientAtStart', { process, at, plan, options })),
    ...nodesOf(plan).flatMap((process) => tried(kind, 'nodeAtStart', { process, at, plan, options })),
  ])
}

type Moment = keyof Menu<never>

/** A process at a moment of a plan. */
interface Victim {
  readonly process: string
  readonly at: Anchor
  readonly plan: Plan
  readonly options: MenuOptions
}

/** What a kind of fault has for this process at this moment. */
function tried(
  { name: kind, menu }: FaultKind,
  moment: Moment,
  { process, at, plan, options }: Victim,
): PlannedFault[] {
  const dishes = menu?.[moment]
  if (dishes === undefined) return []
  const { isSecond, isLossy } = options
  const [under, equal, over] = [tenths(plan, UNDER), tenths(plan, EQUAL), tenths(plan, OVER)]
  const nodes = nodesOf(plan)
  return dishes({
    process,
    nodes,
    aroundLeaseUs: isSecond ? [over] : [under, equal, over],
    besideLeaseUs: isSecond ? [over] : [under, over],
    overLeaseUs: over,
    isSecond,
  })
    .map((settings) => ({ kind, settings, at }))
    .filter((fault) => isLossy || !losesKeys(fault, nodes))
}

/** Whether a node forgets what it acknowledged. */
const losesKeys = (fault: PlannedFault, nodes: readonly string[]): boolean =>
  effectsOf(fault).some(
    (effect) => effect.kind === 'forgets' && effect.what !== 'scripts' && nodes.includes(effect.process),
  )

const tenths = (plan: Plan, size: number): number => plan.ttlMs * 100 * size

const nodesOf = (plan: Plan): readonly string[] => namesOf(castOf(plan), 'redis')
