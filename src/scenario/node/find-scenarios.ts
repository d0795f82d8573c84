/**
 * Scenario files on disk: those that come with lockstorm, by name, and the user's, by path.
 */
import { readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { UsageError } from '../../sim/usage-error.ts'
import type { Vocabulary } from '../cross-check.ts'
import { BUILT_IN, parseScenario, SCENARIO_LENGTH_MAX } from '../load.ts'
import { didYouMean } from '../nearest.ts'
import type { Scenario } from '../scenario.ts'
import { filesMatching, globPattern, isGlob } from './glob.ts'
import { readAtMost } from './named-file.ts'
import { noSuchFile } from './no-such-file.ts'
import { statOf } from './stat-of.ts'

/** Where lockstorm's own scenarios are, from `src/` and from `dist/` alike. */
export const BUNDLED_FOLDER = fileURLToPath(new URL('../../../scenarios/', import.meta.url))

/**
 * The scenarios that these words mean, each once, in their order: names of bundled ones, names of bundled folders, files,
 * folders of files. No word: all bundled ones that are in no folder of their own.
 * @throws UsageError with the mistakes of all files
 */
export function loadScenarios(
  words: readonly string[],
  vocabulary: Vocabulary = BUILT_IN,
  folder: string = BUNDLED_FOLDER,
): readonly Scenario[] {
  const files = new Set(words.length === 0 ? filesIn(folder) : words.flatMap((word) => filesOf(word, folder)))
  const scenarios: Scenario[] = []
  const errors: UsageError[] = []
  for (const file of files) {
    try {
      scenarios.push(readScenario(file, vocabulary))
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      errors.push(error)
    }
  }
  errors.push(...sameNames(scenarios))
  const [first, ...rest] = errors
  if (first === undefined) return words.length === 0 ? simplestFirst(scenarios) : scenarios
  if (rest.length === 0) throw first
  throw new UsageError(
    first.place,
    errors
      .map(({ message }) => message)
      .join('\n')
      .slice(first.place.length + 2),
  )
}

/** What needs no fault comes before what needs one, and few clients before many: the first failure shown is the simplest. */
function simplestFirst(scenarios: readonly Scenario[]): readonly Scenario[] {
  const weight = (scenario: Scenario): number => {
    const { faults, clients } = scenario.plan('', 'direct')
    return faults.length * 100 + clients
  }
  return [...scenarios].sort((a, b) => weight(a) - weight(b) || (a.name < b.name ? -1 : 1))
}

/** The file of a scenario that did not come with lockstorm; null: it did. */
export const ownFile = ({ path: file }: Scenario): string | null =>
  path.resolve(file).startsWith(path.resolve(BUNDLED_FOLDER) + path.sep) ? null : file

/** Reads one scenario file. */
export function readScenario(file: string, vocabulary: Vocabulary = BUILT_IN): Scenario {
  const shown = shownPath(file)
  let bytes: Uint8Array
  try {
    const { size } = statSync(file)
    if (size > SCENARIO_LENGTH_MAX) {
      throw new UsageError(shown, `expected at most ${SCENARIO_LENGTH_MAX} bytes, got ${size}`)
    }
    bytes = readAtMost(file, SCENARIO_LENGTH_MAX)
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(shown, `it cannot be read: ${reason(error)}`, '', { cause: error })
  }
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw new UsageError(shown, 'expected text in UTF-8', 'save the file as UTF-8', { cause: error })
  }
  return parseScenario(text, shown, vocabulary)
}

/** The names of the bundled scenarios, those of the folders inside the folder last. */
export const scenarioNames = (folder: string = BUNDLED_FOLDER): readonly string[] =>
  [...filesIn(folder), ...foldersIn(folder).flatMap(filesIn)].map((file) => path.basename(file, '.yaml'))

function filesOf(word: string, folder: string): readonly string[] {
  const stats = statOf(word)
  if (/\.[cm]?[jt]s$/.test(word)) {
    const fix = `lockstorm hunt ${word} looks for what breaks it; run --lock ${word} adds it to the scenarios`
    throw new UsageError(word, 'it is code, and no scenario', fix)
  }
  const isPath = /[/\\]|\.ya?ml$/.test(word)
  if (isGlob(word)) return filesOfGlob(word, isPath, folder)
  if (!isPath) {
    const bundled = [...filesIn(folder), ...foldersIn(folder).flatMap(filesIn)]
    const file = bundled.find((candidate) => path.basename(candidate, '.yaml') === word)
    if (file !== undefined) return [file]
    const inside = foldersIn(folder).find((candidate) => path.basename(candidate) === word)
    if (inside !== undefined) return filesIn(inside)
    const names = scenarioNames(folder)
    if (!stats?.isDirectory()) {
      throw new UsageError(
        'scenario',
        `unknown scenario ${JSON.stringify(word)}${didYouMean(word, names)}`,
        'lockstorm list scenarios; a file of your own is named with its .yaml',
      )
    }
  }
  if (stats === undefined) throw noSuchFile(word)
  if (!stats.isDirectory()) return [word]
  const files = filesIn(word)
  if (files.length === 0) throw new UsageError(word, 'there is no .yaml file in this folder')
  return files
}

/** The files that a glob names: `'gc-*'` bundled scenarios by their names, `'mine/*.yaml'` files. */
function filesOfGlob(glob: string, isPath: boolean, folder: string): readonly string[] {
  const pattern = globPattern(glob)
  const bundled = [...filesIn(folder), ...foldersIn(folder).flatMap(filesIn)]
  const files = isPath
    ? filesMatching(glob).filter((file) => /\.ya?ml$/.test(file))
    : bundled.filter((file) => pattern.test(path.basename(file, '.yaml')))
  if (files.length > 0) return files
  throw new UsageError('scenario', `no scenario matches ${JSON.stringify(glob)}`, 'lockstorm list scenarios')
}

/** Bundled scenarios that run only when they are asked for: `lockstorm run articles`. */
const foldersIn = (folder: string): readonly string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => path.join(folder, entry.name))
    .sort((a, b) => (a < b ? -1 : 1))

/** Sorted by name, by code units, so that a suite runs in the same order everywhere. */
function filesIn(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .sort((a, b) => (a < b ? -1 : 1))
    .map((name) => path.join(folder, name))
}

function sameNames(scenarios: readonly Scenario[]): readonly UsageError[] {
  const byName = new Map<string, Scenario>()
  const errors: UsageError[] = []
  for (const scenario of scenarios) {
    const other = byName.get(scenario.name)
    if (other === undefined) byName.set(scenario.name, scenario)
    else errors.push(new UsageError(scenario.path, `${other.path} has the same name`, 'rename one of the two files'))
  }
  return errors
}

/** As seen from here when it lies below, else in full. */
function shownPath(file: string): string {
  const relative = path.relative('', file)
  return relative.startsWith('..') || path.isAbsolute(relative)
    ? path.resolve(file)
    : relative.split(path.sep).join('/')
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a folder',
}

function reason(error: unknown): string {
  const code = (error as { readonly code?: string }).code ?? ''
  return REASONS[code] ?? (error instanceof Error ? error.message : String(error))
}
