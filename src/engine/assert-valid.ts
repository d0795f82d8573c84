/** From a result to an error: for test runners, in which a violation should fail a test with the story that the terminal tells. */
import { huntText } from '../report/hunt/terminal.ts'
import { replayText } from '../report/replay/terminal.ts'
import { runText } from '../report/run/stories.ts'
import { assertNever } from '../sim/assert.ts'
import { PLAIN } from '../text/palette.ts'
import type { HuntResult } from './hunt.ts'
import type { ReplayResult } from './replay.ts'
import { resultText } from './result-text.ts'
import type { RunResult } from './run.ts'

/** What `hunt`, `run` and `replay` come to. */
export type Result = HuntResult | RunResult | ReplayResult

/** A result that is not fine. Its message is what the terminal prints. */
export class NotValidError extends Error {
  override readonly name = 'NotValidError'
  readonly result: Result

  constructor(result: Result) {
    super(textOf(result))
    this.result = result
  }
}

/**
 * Throws unless a result is fine: no violation, or only such as are allowed; everything as expected; something was tested.
 * @throws NotValidError
 */
export function assertValid(result: Result): void {
  if (result.outcome !== 'fine') throw new NotValidError(result)
}

resultText.of = textOf

const TERMINAL = { palette: PLAIN, width: 80, isQuiet: false, isVerbose: false }

/** What the terminal prints of it, in 80 columns and without colours. */
function textOf(result: Result): string {
  switch (result.kind) {
    case 'hunt': {
      const { report, stories, page } = result
      const text = huntText(report, stories, {
        ...TERMINAL,
        isStoryFirst: true,
        ...(page === null ? {} : { where: page }),
      })
      return result.status === 'not-deterministic'
        ? `${text}\n\nnot deterministic: ${result.diverged.join('\n')}`
        : text
    }
    case 'run':
      return runText(result.material, { ...TERMINAL, htmlPath: result.written?.html ?? null })
    case 'replay':
      return result.status === 'not-deterministic' ? result.difference : replayText(result, TERMINAL)
    default:
      return assertNever(result)
  }
}
