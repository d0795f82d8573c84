/** A lesson on the terminal: up to the question to the reader, and from there on. */

import { faultWords, filled, WORDS } from '../../lesson/words.ts'
import { assertNever } from '../../sim/assert.ts'
import { visibleLines } from '../../text/escape.ts'
import type { Language } from '../../text/language.ts'
import type { Palette } from '../../text/palette.ts'
import { paint, STATUS_WORDS, symbolOf } from '../../text/status-word.ts'
import { countText } from '../../text/time.ts'
import { wrap } from '../../text/width.ts'
import { type AttemptReport, type LessonReport, type LessonRun, runPicture } from './lesson-report.ts'
import { type Part, type Section, toldIn } from './sections.ts'

export interface LessonTextOptions {
  readonly palette: Palette
  readonly width: number
  readonly language: Language
}

/** What is read before the reader says what will happen. */
export function lessonBefore(report: LessonReport, options: LessonTextOptions): string {
  const { title, question, before } = toldIn(report, options.language)
  return [options.palette.strong(title), lines(question, options), ...before.map(section(options))].join('\n\n')
}

/** What is read after that. `guess`: which choice the reader took; null: none was asked. */
export function lessonAfter(report: LessonReport, guess: number | null, options: LessonTextOptions): string {
  const { after } = toldIn(report, options.language)
  return [answerText(report, guess, options), ...after.map(section(options))].join('\n\n')
}

function answerText({ lesson, answer }: LessonReport, guess: number | null, options: LessonTextOptions): string {
  const { language, palette } = options
  const words = WORDS[language]
  const right = `${answer + 1} ${lesson.text[language].choices[answer]}`
  const answered = `${words.answer}${words.colon}${right}`
  if (guess === null) return answered
  return guess === answer ? palette.valid(`✓ ${words.right}`) : `${palette.violated(`✗ ${words.wrong}`)} ${answered}`
}

/** What came of the reader's storm. */
export function attemptText(attempt: AttemptReport, options: LessonTextOptions): string {
  const { language, palette } = options
  const words = WORDS[language]
  const { isBroken, faults, notStruck, fewest, run } = attempt
  const isFewest = faults.length <= fewest.count
  const told = filled(isBroken ? (isFewest ? words.brokeFewest : words.brokeMore) : words.notBroken, {
    yours: faultWords(faults.length, words),
    fewest: faultWords(fewest.count, words),
    tried: countText(fewest.triedCount),
  })
  return [
    runText(run, options),
    ...notStruck.map((fault) => lines(filled(words.notStruck, { fault }), options)),
    isBroken ? palette.valid(`✓ ${told}`) : palette.violated(`✗ ${told}`),
  ].join('\n\n')
}

const section =
  (options: LessonTextOptions) =>
  ({ heading, parts }: Section): string =>
    [options.palette.strong(`── ${heading}`), ...parts.map((part) => partText(part, options))]
      .filter((text) => text !== '')
      .join('\n\n')

function partText(part: Part, options: LessonTextOptions): string {
  const { palette } = options
  switch (part.kind) {
    case 'text':
      return lines(part.text, options)
    case 'code':
      return indented(part.text)
    case 'diff':
      return indented(
        part.lines
          .map(({ sign, line }) => {
            const text = `${sign} ${line}`.trimEnd()
            return sign === '+' ? palette.valid(text) : sign === '-' ? palette.violated(text) : text
          })
          .join('\n'),
      )
    case 'choices':
      return indented(part.choices.map((choice, index) => `${index + 1}  ${choice}`).join('\n'))
    case 'list':
      return part.items.map((item) => lines(item, options)).join('\n')
    case 'run':
      return [part.told, runText(part.run, options)].filter((text) => text !== '').join('\n\n')
    case 'hidden':
      // A terminal cannot fold it: `--break` tells.
      return ''
    case 'links':
      return part.links.map(({ title, address }) => `${title}\n  ${palette.faint(address)}`).join('\n')
    default:
      return assertNever(part)
  }
}

/** The picture, and of a sound run its verdict in a line: the picture does not say it. */
function runText(run: LessonRun, options: LessonTextOptions): string {
  const { palette, language } = options
  const picture = runPicture(run, options)
  if (run.violation !== null) return picture
  return `${picture}\n\n  ${paint(run.status, palette)(`${symbolOf(run.status)} ${STATUS_WORDS[language][run.status]}`)}`
}

const indented = (text: string): string =>
  visibleLines(text)
    .trimEnd()
    .split('\n')
    .map((line) => `  ${line}`.trimEnd())
    .join('\n')

const lines = (text: string, { width }: LessonTextOptions): string => wrap(text, width).join('\n')
