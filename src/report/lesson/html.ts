/**
 * Lessons as pages: one each, in a folder with the page that leads to them. What comes after the question to the reader is folded away
 * until it is asked for.
 */

import { checkOf } from '../../check/registry.ts'
import type { Language } from '../../lesson/lesson.ts'
import { LESSONS } from '../../lesson/registry.ts'
import { WORDS } from '../../lesson/words.ts'
import { spaceTime } from '../../picture/space-time.ts'
import { assertNever } from '../../sim/assert.ts'
import { escapeHtml } from '../../text/escape.ts'
import { ENGINE_VERSION } from '../../world/engine-version.ts'
import type { ReportFile } from '../folder.ts'
import { drawnWorld } from '../page/drawn-world.ts'
import { htmlPage } from '../page/page.ts'
import { wordHtml } from '../page/status-html.ts'
import type { LessonReport, LessonRun } from './lesson-report.ts'
import { type Part, type Section, toldIn } from './sections.ts'

/** The files of a folder of lessons. */
export function* lessonFiles(reports: readonly LessonReport[], language: Language): Generator<ReportFile> {
  yield ['index.html', lessonsHtml(reports, language)]
  for (const report of reports) yield [`${report.lesson.name}.html`, lessonHtml(report, language)]
}

/** The page that leads to the others. */
function lessonsHtml(reports: readonly LessonReport[], language: Language): string {
  const { lessons, introduction, colon } = WORDS[language]
  const items = reports.map(({ lesson: { name, text } }) => {
    const { title, question } = text[language]
    return `<li value="${numberOf(name)}"><a href="${name}.html">${escapeHtml(title)}</a>${colon}${escapeHtml(question)}</li>`
  })
  return pageIn(language, {
    title: lessons,
    lead: introduction,
    main: `<div class="card"><ol>${items.join('\n')}</ol></div>`,
    again: 'lockstorm learn --html pages',
  })
}

const numberOf = (name: string): number => LESSONS.findIndex((lesson) => lesson.name === name) + 1

/** The page of a lesson. */
export function lessonHtml(report: LessonReport, language: Language): string {
  const { lesson, answer } = report
  const words = WORDS[language]
  const { title, question, before, after } = toldIn(report, language)
  const right = `${words.answer}${words.colon}${answer + 1} ${lesson.text[language].choices[answer]}`
  let drawnCount = 0
  const draw = (run: LessonRun): string => {
    drawnCount += 1
    return runHtml(run, `r${drawnCount}`, title)
  }
  return pageIn(language, {
    title,
    lead: question,
    main: `${before.map((each) => section(each, draw)).join('\n')}
<details><summary>${escapeHtml(words.answer)}</summary>
<p><b>${escapeHtml(right)}</b></p>
${after.map((each) => section(each, draw)).join('\n')}
</details>
<p><a href="index.html">${escapeHtml(words.lessons)}</a></p>`,
    again: `lockstorm learn ${lesson.name} --html pages`,
  })
}

interface LessonPage {
  readonly title: string
  readonly lead: string
  readonly main: string
  /** The command that makes the same page. */
  readonly again: string
}

const pageIn = (language: Language, { title, lead, main, again }: LessonPage): string =>
  htmlPage({
    title,
    language: LANGUAGE_TAGS[language],
    engine: ENGINE_VERSION,
    overview: [`<p class="lead">${escapeHtml(lead).replace(/`([^`]+)`/g, '<code>$1</code>')}</p>`],
    facts: [],
    main,
    footer: `<code>${again}${language === 'en' ? '' : ` --lang ${language}`}</code> gives the same page, byte for byte.`,
  })

/** As browsers know them: https://www.rfc-editor.org/info/bcp47 */
const LANGUAGE_TAGS: Readonly<Record<Language, string>> = { en: 'en', zh: 'zh-Hans' }

type Draw = (run: LessonRun) => string

const section = ({ heading, parts }: Section, draw: Draw): string =>
  `<section class="card"><h2>${escapeHtml(heading)}</h2>
${parts.map((part) => partHtml(part, draw)).join('\n')}
</section>`

function partHtml(part: Part, draw: Draw): string {
  switch (part.kind) {
    case 'text':
      return `<p>${escapeHtml(part.text)}</p>`
    case 'code':
      return `<pre class="yaml" tabindex="0">${part.text.trimEnd().split('\n').map(escapeHtml).join('\n')}</pre>`
    case 'diff': {
      const lines = part.lines.map(({ sign, line }) => {
        const text = escapeHtml(`${sign} ${line}`)
        return sign === ' ' ? text : `<span class="${sign === '+' ? 'valid' : 'violated'} w">${text}</span>`
      })
      return `<pre class="yaml" tabindex="0">${lines.join('\n')}</pre>`
    }
    case 'choices':
      return `<ol>${part.choices.map((choice) => `<li>${escapeHtml(choice)}</li>`).join('')}</ol>`
    case 'list':
      return `<ul>${part.items.map((item) => `<li>${escapeHtml(item)}</li>`).join('')}</ul>`
    case 'run':
      return draw(part.run)
    case 'hidden':
      return `<details><summary>${escapeHtml(part.summary)}</summary><p>${escapeHtml(part.text)}</p></details>`
    case 'links': {
      const items = part.links.map(
        ({ title, address }) => `<li><a href="${escapeHtml(address)}">${escapeHtml(title)}</a></li>`,
      )
      return `<ul>${items.join('')}</ul>`
    }
    default:
      return assertNever(part)
  }
}

/** What is drawn and listed of a run: of the two of a lesson all that can be told apart. */
const ARROWS_MAX = 200
const RECORDS_MAX = 120

function runHtml({ status, violation, story }: LessonRun, id: string, title: string): string {
  const drawn = drawnWorld({
    story,
    picture: spaceTime(
      story,
      violation === null ? [] : [{ ...violation, heading: checkOf(violation.property).heading }],
      { arrowsMax: ARROWS_MAX },
    ),
    focus: violation,
    id,
    title,
    sentence: violation?.sentence ?? status,
    recordsMax: RECORDS_MAX,
    file: null,
  })
  return `<p>${wordHtml(status)}</p>\n${drawn}`
}
