/**
 * The sites of a world: the moments at which a fault can strike, in the order in which they pass.
 *
 * Most sites of a world with contention are a waiter's polls. One poll is as good as another while nothing else happens,
 * so of each stretch of waiting only the first and the last are kept; the exhaustive hunt says so.
 */
import type { PlannedFault } from '../fault/fault.ts'
import type { Subject } from '../subject/subject.ts'
import { type JudgedWorld, judgeWorld } from '../world/judged-world.ts'
import type { Plan } from '../world/plan.ts'
import type { Environment } from '../world/run-world.ts'
import { voterCount } from '../world/topology.ts'

/** A client is about to send, or to see a reply. `count` is its own. */
export interface SeenSite {
  readonly process: string
  readonly site: 'send' | 'reply'
  readonly count: number
}

export interface TimedSite extends SeenSite {
  readonly atUs: number
}

/** A judged world with every site of its clients, in the order in which they passed. */
export interface SeenWorld extends JudgedWorld {
  readonly passed: readonly TimedSite[]
  /** When timers that code in it set were to ring, µs of true time; most of them are cleared before. */
  readonly timers: readonly number[]
}

export interface WatchedWorld extends SeenWorld {
  /** The sites that passed after the last fault had struck, without the middle of each stretch of waiting. */
  readonly sites: readonly SeenSite[]
  /** How many faults struck. */
  readonly struck: number
}

/** How many sites are kept at each end of a stretch of waiting, for each node that is asked. */
const KEPT_EACH_END = 4

/** Runs and judges one world and lists where the next fault could strike. */
export function watchWorld(plan: Plan, subject: Subject, environment: Environment): WatchedWorld {
  const { afterStrike, ...world } = seeWorld(plan, subject, environment)
  return { ...world, sites: withoutPolls(world.passed.slice(afterStrike), world, plan) }
}

/** Runs and judges one world and lists all its sites; from `afterStrike` on they passed after the last fault had struck. */
export function seeWorld(
  plan: Plan,
  subject: Subject,
  environment: Environment,
): SeenWorld & { readonly afterStrike: number; readonly struck: number } {
  const seen: TimedSite[] = []
  const timers = new Set<number>()
  let afterStrike = 0
  let struck = 0
  const world = judgeWorld(plan, subject, {
    ...environment,
    watch: {
      onSite(site, process, count, atUs) {
        if (site === 'send' || site === 'reply') seen.push({ process, site, count, atUs })
      },
      onTimer(dueUs) {
        timers.add(dueUs)
      },
      onStrike() {
        struck += 1
        afterStrike = seen.length
      },
    },
  })
  return { ...world, passed: seen, timers: [...timers], afterStrike, struck }
}

/** Drops the middle of each stretch of waiting: of what a client sends and hears from its first attempt to its last. */
function withoutPolls(sites: readonly TimedSite[], world: JudgedWorld, plan: Plan): readonly SeenSite[] {
  const waits = waitsOf(world)
  if (waits.length === 0) return sites
  const keep = KEPT_EACH_END * voterCount(plan.topology)
  const stretches = new Map<Wait, TimedSite[]>(waits.map((wait) => [wait, []]))
  for (const site of sites) {
    const wait = waits.find(
      ({ process, fromUs, untilUs }) => process === site.process && fromUs <= site.atUs && site.atUs <= untilUs,
    )
    if (wait !== undefined) stretches.get(wait)?.push(site)
  }
  const dropped = new Set<TimedSite>()
  for (const stretch of stretches.values()) for (const site of stretch.slice(keep, -keep)) dropped.add(site)
  return sites.filter((site) => !dropped.has(site))
}

interface Wait {
  readonly process: string
  readonly fromUs: number
  untilUs: number
}

/** From a client's first attempt at the lock to the one that ended its waiting, for each time it waited. */
function waitsOf({ history }: JudgedWorld): readonly Wait[] {
  const waits: Wait[] = []
  const open = new Map<string, Wait>()
  for (const { op, process, invokedUs, endedUs, outcome } of history.operations) {
    if (op !== 'acquire') continue
    let wait = open.get(process)
    if (wait === undefined) {
      wait = { process, fromUs: invokedUs, untilUs: endedUs }
      open.set(process, wait)
      waits.push(wait)
    }
    wait.untilUs = endedUs
    if (outcome === 'ok') open.delete(process)
  }
  return waits
}

/** The fault's anchor is this site. */
export const anchorAt = ({ process, site, count }: SeenSite): PlannedFault['at'] => ({
  kind: 'site',
  process,
  site,
  count,
})
