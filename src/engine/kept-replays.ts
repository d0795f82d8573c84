/**
 * The replays that a project keeps, `lockstorm/replays/<subject>/*.replay.json`: each hunt of the subject runs them first, and adds
 * one for each bug that none of them shows.
 *
 * Invariants
 * - No file is ever removed or written over: they belong to the project.
 */
import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { keyOf } from '../check/rank.ts'
import { isShown, type ReplayFile, readReplay, writeReplay } from '../explore/replay-file.ts'
import type { ReplayMaterial } from '../report/hunt/write.ts'
import { writeWhole } from '../report/whole-file.ts'
import { readNamed } from '../scenario/node/named-file.ts'
import { safeFileName } from '../text/file-name.ts'
import { ENGINE_VERSION } from '../world/engine-version.ts'
import type { ClientKind, Plan } from '../world/plan.ts'

/** A replay of the project's. */
export interface KeptReplay {
  /** From the current folder on. */
  readonly place: string
  readonly file: ReplayFile
  readonly plan: Plan
}

export const REPLAY_EXTENSION = '.replay.json'

const folderOf = (replays: string, subject: string): string => path.join(replays, safeFileName(subject))

/**
 * The replays of a subject that can be run with this client, sorted by name.
 * @param tell told of each that is left out, or made by another engine
 * @throws UsageError at a file that is broken
 */
export function keptReplays(
  replays: string,
  subject: string,
  client: ClientKind,
  tell: (text: string) => void,
): readonly KeptReplay[] {
  const folder = folderOf(replays, subject)
  if (!existsSync(folder)) return []
  const names = readdirSync(folder).filter((name) => name.endsWith(REPLAY_EXTENSION))
  return names.sort().flatMap((name) => {
    const place = path.join(folder, name)
    const { file, plan } = readReplay(readNamed(place), place, true)
    if (file.subject !== subject) {
      tell(`${place}: not run, it is a replay of ${file.subject}`)
      return []
    }
    if (file.client !== client) {
      tell(`${place}: not run, its client is ${file.client}: --client ${file.client} runs it`)
      return []
    }
    if (file.engine !== ENGINE_VERSION) {
      tell(
        `${place}: made by engine ${file.engine}; engine ${ENGINE_VERSION} runs the same storm, with other latencies`,
      )
    }
    return [{ place, file, plan }]
  })
}

/**
 * Keeps a replay for each of these findings.
 * @param found of bugs that no kept replay shows
 * @returns the files that were written
 * @throws UsageError when they cannot be written
 */
export async function keep(replays: string, found: readonly ReplayMaterial[]): Promise<readonly string[]> {
  const written: string[] = []
  for (const { plan, told } of found) {
    const { property, cause } = told.violation
    const stem = path.join(
      folderOf(replays, told.subject),
      `${property} ${cause}`.replaceAll(/[^a-z0-9]+/g, '-').slice(0, 100),
    )
    let place = `${stem}${REPLAY_EXTENSION}`
    for (let n = 2; existsSync(place); n += 1) place = `${stem}-${n}${REPLAY_EXTENSION}`
    await writeWhole(place, writeReplay(plan, told), 'the replay', 'another directory with --replays')
    written.push(place)
  }
  return written
}

/** Whether one of the kept replays showed the finding that this one is about. */
export const isKept = ({ told }: ReplayMaterial, kept: readonly KeptReplay[], shown: readonly boolean[]): boolean =>
  kept.some(({ file }, index) => shown[index] === true && isShown(file, [keyOf(told.violation)]))
