/**
 * What the simulated world cannot give: it ends the hunt with the call and its line, and is never charged to the code under
 * test.
 */
import { UsageError } from '../sim/usage-error.ts'
import { running } from '../sim/world.ts'
import { callSite } from './call-site.ts'

/** What to do where nothing in the world can take the place of a call. */
export const PUT_BEHIND = 'put it behind a function that the code under test is given, and give it another one here'

/** The error that names a call, e.g. `src/lock.ts:12: fs.writeFile(): …`. */
export const refusal = (call: string, problem: string, fix: string, place = callSite()): UsageError =>
  place === null ? new UsageError(call, problem, fix) : new UsageError(place, `${call}: ${problem}`, fix)

/**
 * Refuses a call. Inside a world it also ends the world, because the code under test may catch what is thrown.
 * @throws UsageError
 */
export function refuse(call: string, problem: string, fix: string): never {
  const error = refusal(call, problem, fix)
  const { process } = running
  process?.world.charge(process, error, 'host')
  throw error
}
