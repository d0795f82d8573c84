/**
 * Under GitHub Actions, by itself: annotations (on stderr, which GitHub reads as it reads stdout, so that JSON on stdout stays one
 * document) and the report as the summary of the step.
 */
import { appendFile } from 'node:fs/promises'
import type { Problems } from '../report/surface/problem.ts'
import type { Invocation } from './invocation.ts'

/** Says it, if GitHub listens; `told` is asked for only then. */
export async function annotate(
  { environment, terminal }: Invocation,
  told: () => Promise<{ readonly problems: Problems; readonly summary: string }>,
): Promise<void> {
  if (environment.GITHUB_ACTIONS !== 'true') return
  const [{ githubAnnotations }, { problems, summary }] = await Promise.all([
    import('../report/surface/github.ts'),
    told(),
  ])
  for (const line of githubAnnotations(problems)) terminal.tell(line)
  const file = environment.GITHUB_STEP_SUMMARY
  if (file === undefined || file === '') return
  try {
    await appendFile(file, `${summary}\n`)
  } catch (error) {
    // The verdict does not depend on it.
    terminal.tell(`the step summary cannot be written: ${(error as Error).message}`)
  }
}
