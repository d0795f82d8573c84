/** Frontiers of all shapes, for the tests of their report files. */
import {
  FRONTIER_SCHEMA,
  type FrontierCell,
  type FrontierReport,
} from '../../../src/report/frontier/frontier-report.ts'
import { HOSTILE_LOCK } from '../stories.ts'

const cell = (ttlMs: number, more: Partial<FrontierCell> = {}): FrontierCell => ({
  ttlMs,
  status: 'safe',
  storms: 60,
  bugs: 0,
  limits: 0,
  unknown: 0,
  vacuous: 0,
  example: null,
  ...more,
})

const violated = (ttlMs: number, bugs: number, limits: number): FrontierCell =>
  cell(ttlMs, {
    status: 'violated',
    bugs,
    limits,
    example: {
      property: 'mutual-exclusion',
      kind: bugs > 0 ? 'bug' : 'limit',
      sentence: 'A and B both held "<img src=x onerror=alert(1)>" for 5 ms',
      token: `L1.dHRs${ttlMs}`,
    },
  })

/** Every status once, a hostile name, two latencies. */
export function frontierReportOf(more: Partial<FrontierReport> = {}): FrontierReport {
  const [fast, slow] = [
    { minUs: 200, maxUs: 900 },
    { minUs: 5_000, maxUs: 5_000 },
  ]
  return {
    schema: FRONTIER_SCHEMA,
    engine: '1',
    lock: HOSTILE_LOCK,
    client: 'direct',
    redis: 'in-memory Redis (7.0.15)',
    deterministic: true,
    seed: '7',
    replayWith: [],
    statement: 'safe from some TTL of the sweep on in 2 of 4 combinations of pause, skew and latency',
    base: { words: 'counter, 3 clients × 2 rounds', plan: { workload: { counter: { rounds: 2 } }, ttl: '200ms' } },
    grid: { ttlsMs: [50, 1_000], pausesUs: [0, 50_000], skewsUs: [-1_000_000], latencies: [fast, slow] },
    uncured: [
      {
        property: 'dead-lock',
        sentence: '"<img src=x onerror=alert(2)>" has no expiry: it is locked for ever',
        story: ['A crashes (A before send 2)'],
        token: 'L1.dW5jdXJlZA',
      },
    ],
    storms: { tried: 480, bugs: 3, limits: 30, unknown: 1, vacuous: 60, virtualSeconds: 12 },
    combinations: [
      { pauseUs: 0, skewUs: -1_000_000, latency: fast, safeTtlMs: 50, points: [cell(50), cell(1_000)] },
      {
        pauseUs: 50_000,
        skewUs: -1_000_000,
        latency: fast,
        safeTtlMs: 1_000,
        points: [violated(50, 0, 20), cell(1_000)],
      },
      {
        pauseUs: 0,
        skewUs: -1_000_000,
        latency: slow,
        safeTtlMs: null,
        points: [cell(50, { status: 'vacuous', vacuous: 60 }), violated(1_000, 3, 10)],
      },
      {
        pauseUs: 50_000,
        skewUs: -1_000_000,
        latency: slow,
        safeTtlMs: null,
        points: [cell(50, { status: 'unknown', unknown: 1 }), cell(1_000, { status: 'not-run', storms: 0 })],
      },
    ],
    stoppedBy: 'interrupt',
    ...more,
  }
}
