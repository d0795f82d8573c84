/**
 * The functions of the package: what `lockstorm hunt`, `run` and `replay` call, with options instead of flags. They print
 * nothing, and read no environment and no config file.
 */
import { judge as judgeHistory } from '../check/judge.ts'
import type { Verdict } from '../check/verdict.ts'
import { History } from '../history/history.ts'
import type { Rules } from '../history/rules.ts'
import { subjectOf } from '../scenario/exported-subjects.ts'
import { shown } from '../sim/shown.ts'
import { UsageError } from '../sim/usage-error.ts'
import { type ToldViolation, tellViolation } from '../words/told-violation.ts'
import { type HuntResult, type HuntWatch, huntSubject, saveHunt } from './hunt.ts'
import { metaOf } from './meta.ts'
import {
  type HuntOptions,
  locksOf,
  placeOf,
  type ReplayOptions,
  type RunOptions,
  type SubjectDefinition,
  settingsOf,
} from './options.ts'
import { type ReplayResult, replayOn, replayWorld } from './replay.ts'
import { type RunResult, runSuite, saveRun } from './run.ts'
import { parseText } from './setting.ts'

/**
 * Looks for the smallest storm that breaks a subject.
 *
 * A file (`'./my-lock.ts'`) or a built-in name runs in workers: code that spins or uses up its memory costs a worker and is
 * reported. An object runs in the calling thread, one unit of storms after the other: what spins there cannot be stopped, and
 * the thread does nothing else meanwhile. Several hunts at once are fine: a world is one synchronous call, so worlds never mix.
 *
 * @throws UsageError when subject or options are wrong
 */
export const hunt = (subject: string | SubjectDefinition, options: HuntOptions = {}): Promise<HuntResult> =>
  watchedHunt(subject, options, {})

/** The same for test runners, which have only so much time: they are told of findings when they are found. */
export async function watchedHunt(
  subject: string | SubjectDefinition,
  options: HuntOptions,
  watch: Pick<HuntWatch, 'onFinding'>,
): Promise<HuntResult> {
  const { signal } = options
  const settings = settingsOf('hunt', options, ['signal'])
  const target = typeof subject === 'string' ? subject : subjectOf('hunt(…)', subject)
  const startedAt = new Date()
  const result = await huntSubject(target, settings, { ...watch, ...(signal === undefined ? {} : { signal }) })
  return settings.output === null ? result : saveHunt(result, settings, metaOf(startedAt, 'hunt()'))
}

/**
 * Runs scenarios (names, files, folders; none: all that come with lockstorm) against the built-in subjects and those of
 * `lock`.
 *
 * @throws UsageError when a scenario or an option is wrong
 */
export async function run(scenarios: string | readonly string[] = [], options: RunOptions = {}): Promise<RunResult> {
  const { signal, lock } = options
  const settings = settingsOf('run', options, ['signal', 'lock'])
  const words = wordsOf('run(scenarios)', scenarios)
  const startedAt = new Date()
  const target = { words, ...locksOf('run', lock) }
  const result = await runSuite(target, settings, signal === undefined ? {} : { signal })
  return settings.output === null ? result : saveRun(result, words, settings, metaOf(startedAt, 'run()'))
}

/**
 * Runs the one world that a token or a replay file names once more.
 *
 * @throws UsageError when it is broken, of another engine, or its lock is not there
 */
export async function replay(tokenOrFile: string, options: ReplayOptions = {}): Promise<ReplayResult> {
  const { signal, lock, scenarios } = options
  const target = {
    word: parseText('a token, or a replay file', Infinity)(tokenOrFile, 'replay(tokenOrFile)'),
    files: wordsOf(placeOf('replay', 'scenarios'), scenarios ?? []),
    ...locksOf('replay', lock),
  }
  const redis = await replayOn(target, options.redis)
  const settings = settingsOf('replay', { ...options, redis }, ['signal', 'lock', 'scenarios'])
  return replayWorld(target, settings, signal === undefined ? {} : { signal })
}

/** By its status, what a history shows. */
export type JudgeResult =
  | Exclude<Verdict, { readonly status: 'violated' }>
  | { readonly status: 'violated'; readonly violations: readonly ToldViolation[] }

/**
 * Judges a history: the text of a file in `histories/` of a report.
 * @param rules what to judge it by instead of the rules of its own world
 * @throws UsageError with the line that is no history
 */
export function judge(history: string, rules: Partial<Rules> = {}): JudgeResult {
  const { verdict } = judgeHistory(History.parse(history, 'history', rules))
  return verdict.status === 'violated'
    ? { status: 'violated', violations: verdict.violations.map(tellViolation) }
    : verdict
}

/** @throws UsageError where something else stands in their place */
function wordsOf(place: string, words: string | readonly string[]): readonly string[] {
  const list = typeof words === 'string' ? [words] : words
  if (Array.isArray(list) && list.every((word) => typeof word === 'string')) return list
  const example = "for instance 'gc-pause-before-write', or ['./my-scenario.yaml']"
  throw new UsageError(place, `expected names or files of scenarios, got ${shown(words)}`, example)
}
