/** Measuring a frontier: from a lock and settings to a report. `lockstorm frontier` calls it. */

import { DEFAULT_PARAMETERS } from '../explore/base-plan.ts'
import { type FrontierGrid, type FrontierProgress, findUncured, measureFrontier } from '../explore/frontier.ts'
import { type FrontierReport, frontierReport } from '../report/frontier/frontier-report.ts'
import { writeUs } from '../sim/units.ts'
import { UsageError } from '../sim/usage-error.ts'
import { ruledLeaseMs } from '../subject/subject.ts'
import { visible } from '../text/escape.ts'
import { countText } from '../text/time.ts'
import type { Plan } from '../world/plan.ts'
import { contextOf, openGround, type Target } from './hunt-ground.ts'
import type { HuntOpening } from './job.ts'
import type { Settings } from './settings.ts'
import { abortOf, tellReady, type Watch } from './watch.ts'

/** More points than this are a slip of the hand. */
const POINTS_MAX = 10_000

export interface FrontierWatch extends Watch {
  readonly onProgress?: (progress: FrontierProgress) => void
}

/**
 * Measures; writes nothing.
 * @throws UsageError when the target is no lock or there is too much to measure; UnavailableError when there is no such Redis
 */
export async function sweep(target: Target, settings: Settings, watch: FrontierWatch = {}): Promise<FrontierReport> {
  const asked = gridOf(settings)
  // The leases are those of the grid, whatever would suit the lock.
  const paced = { ...settings, ttl: settings.ttl ?? DEFAULT_PARAMETERS.ttlMs }
  const { opening, crew, close } = await openGround(target, paced, watch)
  const over = new AbortController()
  try {
    const { subject } = opening
    if (subject.kind !== 'lock') {
      throw new UsageError('lock', `${subject.name} is a session store: expected a lock, whose lease can be measured`)
    }
    tellReady(watch, opening, 'the same sweep may measure something else')
    const grid = { ...asked, ttlsMs: leasesOf(subject, asked, watch) }
    const options = { grid, crew, interrupted: abortOf(watch.signal, over.signal) }
    const uncured = await findUncured(opening.bases[0] as Plan, options)
    const outcome = await measureFrontier({
      ...options,
      uncured,
      ...(watch.onProgress === undefined ? {} : { onProgress: watch.onProgress }),
    })
    return frontierReport(outcome, { grid, uncured }, contextOf(opening, settings, target))
  } finally {
    over.abort()
    await close()
  }
}

/** The leases that come of the TTLs: a lock may have one of its own, or round it up. */
function leasesOf({ name, lease }: HuntOpening['subject'], { ttlsMs }: FrontierGrid, watch: Watch): readonly number[] {
  const leasesMs = [...new Set(ttlsMs.map((ttlMs) => ruledLeaseMs(lease, ttlMs)))]
  if (lease?.kind === 'fixed') {
    watch.onWarning?.(
      `${visible(name)}: its lease is ${writeUs(lease.ms * 1_000)}, whatever it is asked for: no other TTL is swept`,
    )
  }
  return leasesMs
}

/**
 * What is swept.
 * @throws UsageError when it is too much
 */
function gridOf({ ttls, pauses, skews, latencies }: Settings): FrontierGrid {
  const unique = <Value>(values: readonly Value[]): readonly Value[] => [
    ...new Map(values.map((value) => [JSON.stringify(value), value])).values(),
  ]
  const grid: FrontierGrid = {
    ttlsMs: [...unique(ttls)].sort((a, b) => a - b),
    pausesUs: [...unique(pauses)].sort((a, b) => a - b),
    skewsUs: unique(skews),
    latencies: unique(latencies),
  }
  const points = Object.values(grid).reduce((product: number, { length }: readonly unknown[]) => product * length, 1)
  if (points > POINTS_MAX) {
    throw new UsageError(
      'frontier',
      `expected at most ${countText(POINTS_MAX)} points, got ${countText(points)}`,
      'sweep less',
    )
  }
  return grid
}
