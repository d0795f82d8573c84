/** What the words of `lockstorm replay` name: one token, or replay files by name, folder or glob; the other words are scenario files. */
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { filesMatching, isGlob } from '../scenario/node/glob.ts'
import { statOf } from '../scenario/node/stat-of.ts'
import { UsageError } from '../sim/usage-error.ts'
import { REPLAY_EXTENSION } from './kept-replays.ts'

export interface ReplayWords {
  /** A token, or the paths of replay files. */
  readonly replays: readonly string[]
  readonly scenarioFiles: readonly string[]
  /** Whether they were named by a folder, a glob or several words: then each is told in a line first. */
  readonly areMany: boolean
}

/**
 * Sorts them.
 * @throws UsageError at a folder or a glob without any replay file
 */
export function replayWords(words: readonly string[]): ReplayWords {
  const [first = '', ...others] = words
  const replays = filesOf(first) ?? [first]
  const scenarioFiles: string[] = []
  let areMany = filesOf(first) !== null
  for (const word of others) {
    const files = filesOf(word) ?? (word.endsWith('.json') ? [word] : null)
    if (files === null) scenarioFiles.push(word)
    else {
      replays.push(...files)
      areMany = true
    }
  }
  return { replays: [...new Set(replays)], scenarioFiles, areMany }
}

/** The replay files of a folder or a glob; null: the word is neither. */
function filesOf(word: string): string[] | null {
  const isFolder = statOf(word)?.isDirectory() === true
  if (!isFolder && !(isGlob(word) && !word.startsWith('L1.'))) return null
  const files = isFolder
    ? readdirSync(word, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith(REPLAY_EXTENSION))
        .map((name) => path.join(word, name))
        .sort()
    : [...filesMatching(word)]
  if (files.length > 0) return files
  throw new UsageError(word, `it has no file *${REPLAY_EXTENSION}`, 'a hunt writes replay files')
}
