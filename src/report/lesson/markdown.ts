/** A lesson as a page of Markdown: what `docs/lessons/` has. */

import { LESSONS } from '../../lesson/registry.ts'
import { WORDS } from '../../lesson/words.ts'
import { assertNever } from '../../sim/assert.ts'
import { markdownBlock } from '../../text/escape.ts'
import { LANGUAGES, type Language } from '../../text/language.ts'
import { STATUS_WORDS, symbolOf } from '../../text/status-word.ts'
import { type LessonReport, runPicture } from './lesson-report.ts'
import { type Part, type Section, toldIn } from './sections.ts'

/** Where the page of a lesson is, inside its folder: `03-owner.md`, `03-owner.zh.md`. */
export function pageName(name: string, language: Language): string {
  const number = String(LESSONS.findIndex((lesson) => lesson.name === name) + 1).padStart(2, '0')
  return `${number}-${name}${language === 'en' ? '' : `.${language}`}.md`
}

/** The page of a lesson. */
export function lessonMarkdown(report: LessonReport, language: Language): string {
  const { lesson, answer } = report
  const words = WORDS[language]
  const { title, question, before, after } = toldIn(report, language)
  const right = `${answer + 1} ${lesson.text[language].choices[answer]}`
  const others = LANGUAGES.filter((other) => other !== language).map(
    (other) => `[${LANGUAGE_NAMES[other]}](${pageName(lesson.name, other)})`,
  )
  const next = LESSONS[LESSONS.indexOf(lesson) + 1]
  return `${[
    NOTICE,
    `# ${title}`,
    `${others.join(' · ')} · \`lockstorm learn ${lesson.name}${language === 'en' ? '' : ` --lang ${language}`}\``,
    `**${question}**`,
    ...before.map(section(language)),
    folded(words.answer, right),
    ...after.map(section(language)),
    ...(next === undefined
      ? []
      : [`${words.next}${words.colon}[${next.text[language].title}](${pageName(next.name, language)})`]),
  ].join('\n\n')}\n`
}

/** The page that leads to all of them. */
export function lessonsMarkdown(language: Language): string {
  const words = WORDS[language]
  const rows = LESSONS.map(
    ({ name, text }, index) =>
      `${index + 1}. [${text[language].title}](${pageName(name, language)})${words.colon}${text[language].question}`,
  )
  const others = LANGUAGES.filter((other) => other !== language).map(
    (other) => `[${LANGUAGE_NAMES[other]}](${indexName(other)})`,
  )
  return `${[NOTICE, `# ${words.lessons}`, others.join(' · '), words.introduction, rows.join('\n')].join('\n\n')}\n`
}

export const indexName = (language: Language): string => (language === 'en' ? 'README.md' : `README.${language}.md`)

const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { en: 'English', zh: '简体中文' }

const NOTICE = `<!-- Made of src/lesson and of what its runs came to. Do not edit: change the lesson and run
     npx vitest run test/lesson/lessons.test.ts --update -->`

const section =
  (language: Language) =>
  ({ heading, parts }: Section): string =>
    [`## ${heading}`, ...parts.map((each) => part(each, language))].join('\n\n')

function part(part: Part, language: Language): string {
  switch (part.kind) {
    case 'text':
      return part.text
    case 'code':
      return `\`\`\`${part.language}\n${part.text.trimEnd()}\n\`\`\``
    case 'diff':
      return `\`\`\`diff\n${part.lines.map(({ sign, line }) => `${sign} ${line}`.trimEnd()).join('\n')}\n\`\`\``
    case 'choices':
      return part.choices.map((choice, index) => `${index + 1}. ${choice}`).join('\n')
    case 'list':
      return part.items.map((item) => `- ${item}`).join('\n')
    case 'run': {
      const { status, violation } = part.run
      const verdict = violation === null ? `\n\n${symbolOf(status)} ${STATUS_WORDS[language][status]}` : ''
      const told = part.told === '' ? '' : `${part.told}\n\n`
      // The picture is in English: where Markdown is read, a Chinese character is not as wide as two others.
      return `${told}${markdownBlock(runPicture(part.run))}${verdict}`
    }
    case 'hidden':
      return folded(part.summary, part.text)
    case 'links':
      return part.links.map(({ title, address }) => `- [${title}](${address})`).join('\n')
    default:
      return assertNever(part)
  }
}

const folded = (summary: string, text: string): string =>
  `<details><summary>${summary}</summary>\n\n${text}\n\n</details>`
