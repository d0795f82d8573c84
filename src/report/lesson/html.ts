/**
 * Lessons as pages: one each, in a folder with the page that leads to them. What comes after the question to the reader is told when
 * the reader has answered, or asks for it.
 */

import { LESSONS } from '../../lesson/registry.ts'
import { WORDS } from '../../lesson/words.ts'
import { assertNever } from '../../sim/assert.ts'
import type { Language } from '../../text/language.ts'
import type { CellWord } from '../../text/status-word.ts'
import { ENGINE_VERSION } from '../../world/engine-version.ts'
import type { ReportFile } from '../folder.ts'
import { EMPTY_PAGE, type PageLink, type PagePart, type PageSection, type PageStory } from '../page/page-data.ts'
import { pageViolation } from '../page/page-violation.ts'
import { type StoryPage, storyPage } from '../page/story-page.ts'
import type { LessonReport } from './lesson-report.ts'
import { type Part, type Section, toldIn } from './sections.ts'

/**
 * The files of a folder of lessons.
 * @param around pages outside of the folder, named in the head of each
 */
export function* lessonFiles(
  reports: readonly LessonReport[],
  language: Language,
  around: readonly PageLink[] = [],
): Generator<ReportFile> {
  yield ['index.html', lessonsHtml(reports, language, around)]
  for (const [index, report] of reports.entries()) {
    yield [`${report.lesson.name}.html`, storyPage(lessonPage(report, language, reports[index + 1] ?? null, around))]
  }
}

/** The page that leads to the others. */
function lessonsHtml(reports: readonly LessonReport[], language: Language, around: readonly PageLink[]): string {
  const { lessons, introduction } = WORDS[language]
  const cards = reports.map(({ lesson: { name, text } }) => {
    const { title, question } = text[language]
    return { title, address: `${name}.html`, text: question, mark: String(numberOf(name)) }
  })
  const data = {
    ...EMPTY_PAGE,
    kind: 'index' as const,
    engine: ENGINE_VERSION,
    language,
    title: lessons,
    lead: introduction,
    links: around,
    sections: [{ title: lessons, parts: [{ kind: 'cards' as const, cards }] }],
    footer: again('lockstorm learn --html pages', language),
  }
  return storyPage({ data, worlds: [] })
}

const numberOf = (name: string): number => LESSONS.findIndex((lesson) => lesson.name === name) + 1

/** What the page of a lesson is made of; `next`: the one that follows it. */
export function lessonPage(
  report: LessonReport,
  language: Language,
  next: LessonReport | null = null,
  around: readonly PageLink[] = [],
): StoryPage {
  const { lesson, answer, broken, cured } = report
  const words = WORDS[language]
  const { title, question, before, after } = toldIn(report, language)
  const asked = before.at(-1)!.parts
  const following: readonly PageLink[] =
    next === null
      ? []
      : [
          {
            title: `${words.next}${words.colon}${next.lesson.text[language].title}`,
            address: `${next.lesson.name}.html`,
          },
        ]
  const data = {
    ...EMPTY_PAGE,
    kind: 'lesson' as const,
    engine: ENGINE_VERSION,
    language,
    title,
    lead: question,
    links: [...around, { title: words.lessons, address: 'index.html' }, ...following],
    question: {
      before: before.slice(0, -1).map(pageSection),
      ask: asked.flatMap((part) => (part.kind === 'text' ? [part.text] : [])).join(' '),
      choices: asked.flatMap((part) => (part.kind === 'choices' ? part.choices : [])),
      answer,
    },
    stories: [storyOf(report)],
    sections: [
      ...after.map(pageSection),
      ...(following.length === 0 ? [] : [{ title: words.next, parts: [{ kind: 'links' as const, links: following }] }]),
    ],
    footer: again(`lockstorm learn ${lesson.name} --html pages`, language),
  }
  return { data, worlds: [broken.story, cured.story] }
}

const again = (command: string, language: Language): string =>
  `\`${command}${language === 'en' ? '' : ` --lang ${language}`}\` gives the same page, byte for byte.`

/** Both runs, the cured one below the broken one. */
function storyOf({ lesson, broken: { violation, status } }: LessonReport): PageStory {
  const word: CellWord = violation?.kind ?? (status === 'violated' ? 'bug' : status)
  return {
    id: lesson.name,
    subject: 'lock.js',
    place: 'storm.yaml',
    word,
    isExpected: true,
    violations: violation === null ? [] : [pageViolation(violation, '')],
    world: 0,
    cured: { subject: 'cured.js', world: 1 },
    advice: null,
    cures: [],
    storm: [],
    facts: [],
    told: '',
    replay: '',
    files: [],
    pitfalls: [],
  }
}

const pageSection = ({ heading, parts }: Section): PageSection => ({
  title: heading,
  parts: parts.flatMap(pageParts),
})

function pageParts(part: Part): readonly PagePart[] {
  switch (part.kind) {
    case 'code':
      return [{ kind: part.language === 'sh' ? 'command' : 'code', text: part.text.trimEnd() }]
    case 'choices':
      return [{ kind: 'list', items: part.choices }]
    case 'run':
      // Both are drawn above, in the same storm.
      return []
    case 'text':
    case 'diff':
    case 'list':
    case 'hidden':
    case 'links':
      return [part]
    default:
      return assertNever(part)
  }
}
