/**
 * `lockstorm learn`: the lessons in their order; one of them, with a question to the reader where there is a terminal to answer on;
 * or what a storm of the reader's does to the code of one.
 */
import { createInterface } from 'node:readline'
import { lessonNamed, runLesson, tryToBreak } from '../engine/learn.ts'
import type { Lesson } from '../lesson/lesson.ts'
import { LESSONS } from '../lesson/registry.ts'
import type { LessonReport } from '../report/lesson/lesson-report.ts'
import { attemptText, type LessonTextOptions, lessonAfter, lessonBefore } from '../report/lesson/terminal.ts'
import { UsageError } from '../sim/usage-error.ts'
import type { Language } from '../text/language.ts'
import { padded, textWidth } from '../text/width.ts'
import { EXIT, type ExitCode } from './exit-code.ts'
import { type Invocation, invokedSettings, paletteOf } from './invocation.ts'

/** Runs the verb. */
export async function learn(invocation: Invocation): Promise<ExitCode> {
  const settled = await invokedSettings(invocation)
  if (settled === null) return EXIT.ok
  const { words, flags, terminal } = invocation
  const { settings } = settled
  const [name] = words
  const storm = flags.break as readonly string[] | undefined
  const folder = flags.html as string | undefined
  if (name === undefined && folder === undefined) {
    if (storm !== undefined)
      throw new UsageError('--break', 'expected the lesson whose code is to be broken', 'name it')
    terminal.print(
      settings.json ? json(LESSONS.map((lesson) => listed(lesson, settings.lang))) : listText(settings.lang),
    )
    return EXIT.ok
  }
  const lessons = name === undefined ? LESSONS : [lessonNamed(name)]
  if (folder !== undefined) return writePages(folder, lessons, settings.lang, terminal)
  const [lesson] = lessons as readonly [Lesson]
  const options: LessonTextOptions = {
    palette: await paletteOf(settings, invocation),
    width: Math.min(terminal.width, 100),
    language: settings.lang,
  }
  if (storm !== undefined) {
    const attempt = await tryToBreak(
      lesson,
      storm.filter((fault) => fault !== 'none'),
    )
    terminal.print(
      settings.json ? json({ ...attempt, lesson: lesson.name, run: undefined }) : attemptText(attempt, options),
    )
    return attempt.isBroken ? EXIT.ok : EXIT.violated
  }
  const report = await runLesson(lesson)
  if (settings.json) {
    const { broken, cured } = report
    terminal.print(
      json({
        ...listed(lesson, settings.lang),
        ...report,
        lesson: undefined,
        broken: { ...broken, story: undefined },
        cured: { ...cured, story: undefined },
      }),
    )
    return EXIT.ok
  }
  terminal.print(lessonBefore(report, options))
  const guess = await askedFor(lesson.text[settings.lang].choices.length)
  terminal.print(`\n${lessonAfter(report, guess, options)}`)
  return EXIT.ok
}

/** Writes lessons as pages, and says where. */
async function writePages(
  directory: string,
  lessons: readonly Lesson[],
  language: Language,
  terminal: Invocation['terminal'],
): Promise<ExitCode> {
  const [{ lessonFiles }, { writeFolder }] = await Promise.all([
    import('../report/lesson/html.ts'),
    import('../report/folder.ts'),
  ])
  const reports: LessonReport[] = []
  for (const lesson of lessons) reports.push(await runLesson(lesson))
  const { html } = await writeFolder(directory, [], lessonFiles(reports, language), 'another directory with --html')
  terminal.print(html)
  return EXIT.ok
}

const json = (value: unknown): string => JSON.stringify(value, null, 2)

/** A lesson as `--json` tells it: without the functions that judge its run. */
const listed = ({ name, shows, adversary, pitfalls, sources, text }: Lesson, language: Language) => ({
  name,
  ...text[language],
  shows,
  tools: adversary.tools,
  pitfalls,
  sources,
})

function listText(language: Language): string {
  const rows = LESSONS.map(({ name, text }) => [name, text[language].question] as const)
  const width = Math.max(...rows.map(([name]) => textWidth(name)))
  return rows.map(([name, question]) => `${padded(name, width)}  ${question}`).join('\n')
}

/** The reader's choice, from 0; null: there is no terminal to ask on, or the reader would rather be told. */
async function askedFor(count: number): Promise<number | null> {
  if (process.stdin.isTTY !== true || process.stdout.isTTY !== true) return null
  const lines = createInterface({ input: process.stdin, output: process.stdout, prompt: `\n1-${count}? ` })
  lines.once('SIGINT', () => {
    lines.close()
    process.kill(process.pid, 'SIGINT')
  })
  lines.prompt()
  // Lines that were typed ahead wait for their turn; a question each would lose them.
  for await (const line of lines) {
    const choice = Number(line)
    if (line.trim() === '') return null
    if (Number.isInteger(choice) && choice >= 1 && choice <= count) return choice - 1
    lines.prompt()
  }
  return null
}
