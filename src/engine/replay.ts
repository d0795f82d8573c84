/**
 * Replaying one world: from a token or a replay file to a result. `lockstorm replay` and the `replay` of the package call it.
 *
 * The world is run twice. The same plan must give the same history; when it does not, the harness is broken and nothing that it
 * says about the lock can be trusted.
 */

import type { FindingName } from '../check/rank.ts'
import type { Verdict } from '../check/verdict.ts'
import { keysShownBy } from '../explore/finding.ts'
import { isShown, type ReplayFile } from '../explore/replay-file.ts'
import { divergence, type ReplayedWorld, type ReplayReport, replayReport } from '../report/replay/replay-report.ts'
import { assertNever } from '../sim/assert.ts'
import { inMacrotask } from '../sim/node/drain.ts'
import { UsageError } from '../sim/usage-error.ts'
import type { Subject } from '../subject/subject.ts'
import { type ToldViolation, tellViolation } from '../words/told-violation.ts'
import type { Story } from '../world/story-data.ts'
import { startCrew } from './crew.ts'
import { choiceOf, type ReplayOpening } from './job.ts'
import type { Outcome } from './outcome.ts'
import { replaySource } from './replay-source.ts'
import type { Settings } from './settings.ts'
import { sourceDigest } from './source-digest.ts'
import { withBundled } from './subjects.ts'
import type { Watch } from './watch.ts'

/** What every replay comes to. */
export interface Replay {
  readonly kind: 'replay'
  readonly outcome: Outcome
  /** What `replay --json` prints. */
  readonly report: ReplayReport
  /** Where its world comes from, in words. */
  readonly origin: string
  /** Of a replay file: the finding that it is green without, and whether it is gone. Null: a token is about no finding. */
  readonly finding: (FindingName & { readonly isGone: boolean }) | null
  /** Null: no worker survives it. */
  readonly story: Story | null
}

/** By its status, what came of a replay. */
export type ReplayResult = Replay &
  (
    | { readonly status: 'valid' }
    | { readonly status: 'violated'; readonly violations: readonly ToldViolation[] }
    | { readonly status: 'unknown' | 'vacuous' }
    /** In words: the first event that differs, or that another history was recorded. */
    | { readonly status: 'not-deterministic'; readonly difference: string }
  )

/** A token or a replay file, with what it needs: scenario files, and the user's own subjects as files or objects. */
export interface ReplayTarget {
  readonly word: string
  readonly files: readonly string[]
  readonly lockFiles: readonly string[]
  readonly objects: readonly Subject[]
}

/**
 * The Redis that answers: the one that answered when the world ran first, unless `redis` says otherwise.
 * @throws UsageError when the target names no world; when it ran on a URL, which a token does not hold
 */
export async function replayOn({ word, files }: ReplayTarget, redis: string | undefined): Promise<string> {
  const source = await replaySource(word, files)
  if (redis === undefined && source.redis === 'url') {
    throw new UsageError(
      'token',
      'its world ran on a Redis given by its URL, which a token does not hold',
      'add --redis redis://…',
    )
  }
  return redis ?? source.redis
}

/**
 * Replays; `settings.redis` is what answers.
 * @throws UsageError when target or settings are wrong; UnavailableError when there is no such Redis
 */
export async function replayWorld(target: ReplayTarget, settings: Settings, watch: Watch = {}): Promise<ReplayResult> {
  const { opening, run, tell, close } = await openWorld(target, settings)
  try {
    watch.onReady?.()
    for (const notice of opening.notices) watch.onWarning?.(notice)
    const first = await run()
    const second = opening.isDeterministic ? await run() : first
    const report = replayReport(opening, first)
    const difference =
      first.historyHash === second.historyHash
        ? otherHistory(opening, first.historyHash, target.lockFiles, watch)
        : divergence(first, second)
    const finding = findingOf(opening.recorded, report.verdict)
    const replay = { kind: 'replay', report, origin: opening.origin, finding } as const
    if (difference !== null) {
      return { ...replay, story: null, outcome: 'not-deterministic', status: 'not-deterministic', difference }
    }
    return resultOf({ ...replay, story: await tell() })
  } finally {
    await close()
  }
}

/**
 * What a replay file recorded, if it is another history of the same code, which must not happen. Of code that has changed
 * since, it only tells that it has.
 */
function otherHistory(
  { recorded, isAsItWas, isDeterministic, origin }: ReplayOpening,
  historyHash: string,
  lockFiles: readonly string[],
  watch: Watch,
): string | null {
  if (recorded === null || recorded.historyHash === historyHash || !isDeterministic || !isAsItWas) return null
  if (recorded.source === sourceDigest(lockFiles)) {
    return `${origin}: the same storm and the same code gave another history than the one that was recorded\n  recorded  ${recorded.historyHash}\n  now       ${historyHash}\nlockstorm, or something that the code under test uses, is not deterministic or has changed.`
  }
  watch.onWarning?.(`${origin}: the code under test has changed since this was recorded; this is what it does now`)
  return null
}

/** What became of the finding that a replay file is about. */
function findingOf(recorded: ReplayFile | null, verdict: Verdict): Replay['finding'] {
  if (recorded === null) return null
  const { property, kind, cause } = recorded.violation
  return { property, kind, cause, isGone: !isShown(recorded, keysShownBy(verdict)) }
}

interface OpenWorld {
  readonly opening: ReplayOpening
  run(): Promise<ReplayedWorld>
  tell(): Promise<Story | null>
  close(): Promise<void>
}

/** In a worker, or in this process for objects of the caller's. */
async function openWorld({ word, files, lockFiles, objects }: ReplayTarget, settings: Settings): Promise<OpenWorld> {
  const choice = choiceOf(settings)
  const { redisVersion } = settings
  if (objects.length === 0) {
    const crew = await startCrew({ kind: 'replay', word, files, lockFiles, choice, redisVersion }, { workers: 1 })
    const { opening } = crew
    return { opening, run: () => crew.rerun(), tell: () => crew.tell(opening.plan), close: () => crew.close() }
  }
  const subjects = withBundled(objects.map((subject) => ({ subject, from: 'lock' })))
  // Commands replay in a worker: what runs worlds is not loaded twice.
  const { openOn, openReplay } = await import('./open.ts')
  const { opening, run, tell, close } = await openOn(choice, (started) =>
    openReplay(word, files, redisVersion, subjects, started),
  )
  return { opening, run: () => inMacrotask(run), tell: () => inMacrotask(tell), close }
}

function resultOf(replay: Omit<Replay, 'outcome'>): ReplayResult {
  const { verdict } = replay.report
  switch (verdict.status) {
    case 'violated': {
      // A storm that was kept for one finding is green without it, whatever else it shows: a hunt tells that.
      const outcome = replay.finding?.isGone === true ? 'fine' : 'failed'
      return { ...replay, outcome, status: 'violated', violations: verdict.violations.map(tellViolation) }
    }
    case 'valid':
      return { ...replay, outcome: 'fine', status: 'valid' }
    case 'unknown':
    case 'vacuous':
      return { ...replay, outcome: 'inconclusive', status: verdict.status }
    default:
      return assertNever(verdict)
  }
}
