/**
 * The storms of hunts are the committed ones: a seed draws the same faults, and the menu has the same faults in the same
 * order. A new fault that random storms draw, or a draw more, gives every seed other storms: change these hashes only then,
 * and say so.
 */
import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { faultsAt, faultsAtStart } from '../../src/explore/menu.ts'
import { drawStorms } from '../../src/explore/random-storm.ts'
import { faultKind } from '../../src/fault/registry.ts'
import type { Plan } from '../../src/world/plan.ts'
import { primaryCount, USUAL_CLUSTER, USUAL_SENTINEL } from '../../src/world/topology.ts'
import { counterPlan, queuePlan } from '../check/worlds.ts'

const hash = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16)

it.each([
  { nodes: 1, isLossy: false, drawn: '125e639feb8710a1', tried: '26ca4ca2de0eb7d1' },
  { nodes: 1, isLossy: true, drawn: '35977df9fc78b3e8', tried: '068bec889a5cba07' },
  { nodes: 3, isLossy: false, drawn: 'ccafe0f9079b0b23', tried: '14422373545bc3e2' },
  { nodes: 3, isLossy: true, drawn: 'c5759eec8739bf33', tried: 'd1568c84ceb5994f' },
])('are the same: $nodes nodes, lossy: $isLossy', ({ nodes, isLossy, drawn, tried }) => {
  const plan = counterPlan({ nodes })
  expect(hash(drawStorms(plan, 7, 300, isLossy).map(({ faults }) => faults))).toBe(drawn)
  const atSites = [false, true].flatMap((isSecond) =>
    faultsAt(
      (['send', 'reply'] as const).map((site) => ({ process: 'B', site, count: 3 })),
      plan,
      { isSecond, isLossy },
    ),
  )
  expect(hash([...faultsAtStart(plan, { isSecond: false, isLossy }), ...atSites])).toBe(tried)
})

const REPLICATED = { kind: 'replicated', replicas: 2 } as const
it.each([
  { topology: REPLICATED, own: ['failover', 'promote', 'replication-lag'] },
  {
    topology: { ...REPLICATED, kind: 'independent', nodes: 3 } as const,
    own: ['failover', 'promote', 'replication-lag'],
  },
  { topology: USUAL_SENTINEL, own: ['replication-lag', 'sentinel-failover'] },
  { topology: USUAL_CLUSTER, own: ['manual-failover', 'migrate-slot', 'replication-lag'] },
])('have what servers that replicate can suffer: $topology.kind', ({ topology, own }) => {
  const faults = drawStorms({ ...counterPlan(), topology }, 7, 300, false).flatMap((storm) => storm.faults)
  const kinds = new Set(faults.map(({ kind }) => kind))
  expect([...kinds].filter((kind) => faultKind(kind)?.needs !== undefined).sort()).toEqual(own)
  // Whoever is promoted follows that primary: replicas are numbered round by round.
  const primaries = primaryCount(topology)
  const placeOf = (name: unknown): number => Number(String(name).split('-')[1]) % primaries
  for (const { settings } of faults.filter(({ kind }) => kind === 'failover' || kind === 'replication-lag'))
    expect(placeOf(settings.to)).toBe(placeOf(settings.process ?? settings.from))
})

it('let messages take as much of a lease as the workload and the quorum bear', () => {
  const longest = (plan: Plan): number =>
    Math.max(...drawStorms(plan, 7, 300, false).map(({ latency, ttlMs }) => latency.maxUs / ttlMs))
  const readWrite = { kind: 'read-write', rounds: 1, workUs: 20_000, retryUs: 20_000 } as const
  // µs of one millisecond of the lease, of 200 ms.
  expect(longest(counterPlan({ ttlMs: 200 }))).toBe(150)
  expect(longest(queuePlan({ ttlMs: 200 }))).toBe(50)
  expect(longest(counterPlan({ ttlMs: 200, nodes: 3 }))).toBe(25)
  expect(longest(counterPlan({ ttlMs: 200, workload: readWrite }))).toBe(10)
})
