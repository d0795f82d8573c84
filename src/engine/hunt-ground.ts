/**
 * Where the storms of a hunt or a frontier are run: in workers, for a file or a built-in name; in the calling process, for an
 * object of its own.
 */
import { type Crew, soloCrew } from '../explore/crew.ts'
import type { HuntContext } from '../report/hunt/hunt-report.ts'
import { inMacrotask } from '../sim/node/drain.ts'
import type { Subject } from '../subject/subject.ts'
import { limitsOf, startCrew } from './crew.ts'
import { choiceOf, type HuntOpening, huntJob, parametersOf } from './job.ts'
import type { Settings } from './settings.ts'
import { isLockFile } from './subjects.ts'
import type { Watch } from './watch.ts'

/** A file, a built-in name, or a subject. */
export type Target = string | Subject

export interface HuntGround {
  readonly opening: HuntOpening
  readonly crew: Crew
  close(): Promise<void>
}

/**
 * Opens it.
 * @throws UsageError and UnavailableError
 */
export async function openGround(target: Target, settings: Settings, watch: Watch): Promise<HuntGround> {
  if (typeof target === 'string') {
    const crew = await startCrew(huntJob(target, settings), limitsOf(settings, watch))
    const close = (): Promise<void> => {
      watch.onPrinted?.(crew.printed)
      return crew.close()
    }
    return { opening: crew.opening, crew, close }
  }
  // Commands hunt in workers: what runs worlds is not loaded twice.
  const { openHunt, openOn } = await import('./open.ts')
  const { opening, explorer, close } = await openOn(choiceOf(settings), (started) =>
    openHunt(target, started, parametersOf(settings)),
  )
  return { opening, crew: soloCrew(explorer, inMacrotask), close }
}

/** What a report says that its outcome does not know. */
export const contextOf = (opening: HuntOpening, { client, seed }: Settings, target: Target): HuntContext => ({
  subject: opening.subject.name,
  client,
  redis: opening.redis,
  redisKind: opening.redisKind,
  isDeterministic: opening.isDeterministic,
  seed,
  bases: opening.bases,
  replayWith: typeof target === 'string' && isLockFile(target) ? ['--lock', target] : [],
})
