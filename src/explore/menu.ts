/**
 * What an exhaustive hunt makes happen at each site: every kind of fault that can matter there, with magnitudes around
 * the lease, because what breaks locks is what lasts just under, exactly, or longer than that. Which those are each fault
 * says itself (`menu`).
 */
import type { MenuMoment, PlannedFault } from '../fault/fault.ts'
import { FAULTS } from '../fault/registry.ts'
import { clientName, type Plan } from '../world/plan.ts'
import { anchorAt, type SeenSite } from './site.ts'

/** Just under, at, and over the lease, in tenths of it. */
const [UNDER, AT, OVER] = [9, 10, 12] as const

/** What narrows or widens the menu. */
export type MenuOptions = Pick<MenuMoment, 'isSecond' | 'isLossy'>

/** The faults that can strike at this site. */
export const faultsAt = (site: SeenSite, plan: Plan, options: MenuOptions): readonly PlannedFault[] =>
  menuOf(anchorAt(site), { ...momentOf(plan), ...options, at: site.site, process: site.process })

/** The faults that are there from the start. */
export const faultsAtStart = (plan: Plan): readonly PlannedFault[] =>
  menuOf({ kind: 'time', atUs: 0 }, { ...momentOf(plan), at: 'start', process: '', isSecond: false, isLossy: false })

const menuOf = (at: PlannedFault['at'], moment: MenuMoment): readonly PlannedFault[] =>
  FAULTS.flatMap((kind) => (kind.menu?.(moment) ?? []).map((settings) => ({ kind: kind.name, settings, at })))

function momentOf(plan: Plan): Pick<MenuMoment, 'clients' | 'nodes' | 'underUs' | 'leaseUs' | 'overUs'> {
  const tenthUs = plan.ttlMs * 100
  return {
    clients: Array.from({ length: plan.clients }, (_, index) => clientName(index)),
    nodes: Array.from({ length: plan.nodes }, (_, index) => `redis-${index + 1}`),
    underUs: UNDER * tenthUs,
    leaseUs: AT * tenthUs,
    overUs: OVER * tenthUs,
  }
}
