/**
 * A hunt that is shared out over several machines without a coordinator: each runs its part and writes a file; `lockstorm merge`
 * joins the files, explains what was found, and reports as one machine would have.
 */
import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { acceptanceOf } from '../explore/accepted.ts'
import { explore } from '../explore/hunt.ts'
import { type Joined, joinParts, type Part, PartRecorder, readPart, runAgain } from '../explore/part.ts'
import type { Shard } from '../explore/shard.ts'
import { writeWhole } from '../report/whole-file.ts'
import { filesMatching, isGlob } from '../scenario/node/glob.ts'
import { readNamed } from '../scenario/node/named-file.ts'
import { noSuchFile } from '../scenario/node/no-such-file.ts'
import { statOf } from '../scenario/node/stat-of.ts'
import { writePlan } from '../scenario/plan-file.ts'
import { UsageError } from '../sim/usage-error.ts'
import { ENGINE_VERSION } from '../world/engine-version.ts'
import {
  concluded,
  filesOf,
  type Ground,
  type HuntResult,
  type HuntWatch,
  huntFolder,
  onGround,
  searchOptions,
  termsOf,
} from './hunt.ts'
import type { Target } from './hunt-ground.ts'
import { PLAN_KEYS, resolveSettings, type Settings } from './settings.ts'
import { sourceDigest } from './source-digest.ts'
import { isLockFile } from './subjects.ts'

/** What came of a part. */
export interface PartResult {
  readonly shard: Shard
  readonly subject: string
  readonly storms: number
  /** How many findings fail, as far as this part knows. */
  readonly failing: number
  readonly isWhole: boolean
  /** Where it was written. */
  readonly file: string
}

/**
 * Runs a part of a hunt and writes its file.
 * @param given the settings that were given, as they were given
 * @throws UsageError, also for settings that no part can keep
 */
export async function huntPart(
  lock: string,
  shard: Shard,
  settings: Settings,
  given: Readonly<Record<string, unknown>>,
  watch: HuntWatch,
): Promise<PartResult> {
  const { time, maxFailures, lastFailed, updateBaseline, changed } = settings
  const refused: readonly (readonly [boolean, string, string])[] = [
    [time !== null, '--time', 'use --runs: in so much time each machine runs another number of storms'],
    [maxFailures !== null, '--max-failures', 'leave it out: what another part has found is not known'],
    [lastFailed, '--last-failed', 'leave it out: those are few storms'],
    [updateBaseline, '--update-baseline', 'give it to lockstorm merge'],
    [changed !== null, '--changed', 'leave it out: a part that is not there cannot be merged'],
  ]
  for (const [isGiven, flag, fix] of refused) {
    if (isGiven) throw new UsageError(flag, 'it does not go with --shard', fix)
  }
  return onGround(lock, settings, watch, async (ground) => {
    const recorder = new PartRecorder()
    const options = await searchOptions(ground, settings, watch)
    const explored = await explore({ ...options, shard, onUnit: recorder.onUnit })
    const kept = new Map(Object.entries(given).filter(([key]) => (PLAN_KEYS as readonly string[]).includes(key)))
    const subject = ground.opening.subject.name
    const head = { plan: planHash(ground, settings), shard, lock, subject, settings: Object.fromEntries(kept) }
    const file = path.join(huntFolder(settings), `part-${shard.index}-of-${shard.count}.json`)
    const isWhole = explored.stoppedBy === null
    // A part that ended early would be taken for a whole one.
    if (isWhole) {
      await writeWhole(file, recorder.write(head, explored), 'the part', 'another directory with --output')
    }
    const { failing } = acceptanceOf(explored, termsOf(ground, settings))
    return { shard, subject, storms: explored.tally.tried, failing, isWhole, file }
  })
}

/** A hash of everything that decides what a hunt runs. */
function planHash({ opening, kept, target }: Ground, settings: Settings): string {
  const { faults, allMagnitudes, runs, guided, lossy, shrink, shard } = settings
  const plan = [
    ENGINE_VERSION,
    opening.subject,
    opening.redisKind,
    sourceDigest(filesOf(target)),
    opening.bases.map((base) => [base.seed, base.client, writePlan(base)]),
    kept.map(({ plan }) => [plan.seed, writePlan(plan)]),
    { faults, allMagnitudes, runs, guided, lossy, shrink, count: shard?.count },
  ]
  return createHash('sha256').update(JSON.stringify(plan)).digest('hex').slice(0, 16)
}

/** Parts of one hunt, read and checked against each other; nothing is run yet. */
export interface Parts {
  readonly files: readonly { readonly place: string; readonly part: Part }[]
  readonly joined: Joined
  readonly settings: Settings
  readonly target: Target
}

/**
 * Reads the parts that words name: files, folders, globs; none: the folder of hunts.
 * @param flags of `lockstorm merge`; what decides what is run is what the parts say
 * @throws UsageError when one is broken, foreign, or missing and that was not said to be all right
 */
export function readParts(
  words: readonly string[],
  settings: Settings,
  flags: Readonly<Record<string, unknown>>,
): Parts {
  const places = [...new Set((words.length === 0 ? [path.join('reports', 'hunt')] : words).flatMap(partFiles))]
  const files = places.map((place) => ({ place, part: readPart(readNamed(place), place) }))
  const [first] = files
  if (first === undefined) throw new UsageError('merge', 'there is no part', 'name files or folders of parts')
  const { part, place } = first
  const given = Object.fromEntries(
    Object.entries(part.settings).filter(([key]) => (PLAN_KEYS as readonly string[]).includes(key)),
  )
  const placeOf = (key: string): string => (flags[key] === undefined ? `${place} settings.${key}` : key)
  const planned = resolveSettings({ flags: given, environment: {}, config: null, placeOf }).settings
  const own = Object.fromEntries(PLAN_KEYS.map((key) => [key, planned[key]]))
  const merged = { ...settings, ...own, shard: part.shard } as Settings
  const joined = joinParts(files, merged.client, (merged.faults ?? (merged.runs === null ? null : 1)) === 1)
  if (joined.missing.length > 0 && !settings.allowMissing) {
    throw new UsageError(
      'merge',
      `${missingText(joined.missing, part.shard.count)}: expected all ${part.shard.count} parts, got ${files.length}`,
      'run those parts, or say --allow-missing',
    )
  }
  const [file] = settings.lock
  // The file is named, not loaded: a part is data, and runs no code.
  if (isLockFile(part.lock) && file === undefined) {
    throw new UsageError(place, 'the code under test is in a file', `add --lock ${part.lock}`)
  }
  return { files, joined, settings: merged, target: file ?? part.lock }
}

/** `parts 3 and 5 of 8 are missing` */
export const missingText = (missing: readonly number[], count: number): string =>
  `${missing.length === 1 ? 'part' : 'parts'} ${missing.join(', ')} of ${count} ${missing.length === 1 ? 'is' : 'are'} missing`

/**
 * Runs what the parts have found once more, explains it, and tells all as one hunt.
 * @throws UsageError when this is not the code, or not the lockstorm, that the parts were made with
 */
export function mergeParts({ files, joined, settings, target }: Parts, watch: HuntWatch): Promise<HuntResult> {
  return onGround(target, settings, watch, async (ground) => {
    const [{ place, part }] = files as [Parts['files'][number]]
    if (planHash(ground, settings) !== part.plan) {
      throw new UsageError(
        place,
        'it was made with other code, other replays, or another lockstorm than are here',
        'merge with what the parts were made with',
      )
    }
    return concluded(ground, await runAgain(joined, ground.crew, place), settings)
  })
}

/** The part files that a word names. */
function partFiles(word: string): readonly string[] {
  if (isGlob(word)) return filesMatching(word).filter((file) => file.endsWith('.json'))
  const stat = statOf(word)
  if (stat === undefined) throw noSuchFile(word)
  if (!stat.isDirectory()) return [word]
  return readdirSync(word, { recursive: true, encoding: 'utf8' })
    .filter((name) => /^part-\d+-of-\d+\.json$/.test(path.basename(name)))
    .map((name) => path.join(word, name))
    .sort()
}
