/**
 * A lesson in its parts, in the order in which they are read: what every renderer draws in its own way.
 */
import { FAULTS } from '../../fault/registry.ts'
import type { LessonText, Source } from '../../lesson/lesson.ts'
import { LESSONS } from '../../lesson/registry.ts'
import { faultWords, filled, WORDS } from '../../lesson/words.ts'
import { label, PITFALLS } from '../../pitfall/registry.ts'
import type { Language } from '../../text/language.ts'
import { type DiffLine, lineDiff } from '../../text/line-diff.ts'
import { STATUS_WORDS } from '../../text/status-word.ts'
import { durationText, instantText } from '../../text/time.ts'
import { headingsOf } from '../../words/heading.ts'
import { sentenceOf } from '../../words/sentence.ts'
import type { LessonReport, LessonRun, Moment } from './lesson-report.ts'

export type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'code'; readonly language: 'js' | 'yaml' | 'sh'; readonly text: string }
  | { readonly kind: 'diff'; readonly lines: readonly DiffLine[] }
  | { readonly kind: 'choices'; readonly choices: readonly string[] }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  /** `told`: what is said before it; empty: nothing. */
  | { readonly kind: 'run'; readonly told: string; readonly run: LessonRun }
  /** Not to be seen before the reader wants to. */
  | { readonly kind: 'hidden'; readonly summary: string; readonly text: string }
  | { readonly kind: 'links'; readonly links: readonly Source[] }

export interface Section {
  readonly heading: string
  readonly parts: readonly Part[]
}

export interface Told {
  readonly title: string
  readonly question: string
  /** What comes before the reader says what will happen, and what comes after. */
  readonly before: readonly Section[]
  readonly after: readonly Section[]
}

/** A lesson in one language. */
export function toldIn(report: LessonReport, language: Language): Told {
  const { lesson, broken, cured } = report
  const words = WORDS[language]
  const text = slotsFilled(lesson.text[language], report)
  return {
    title: `${LESSONS.indexOf(lesson) + 1} ${text.title}`,
    question: text.question,
    before: [
      { heading: words.code, parts: [{ kind: 'code', language: 'js', text: report.lockText }] },
      {
        heading: words.storm,
        parts: [
          { kind: 'text', text: text.storm },
          { kind: 'code', language: 'yaml', text: whatIsRun(report.stormText) },
        ],
      },
      {
        heading: words.predict,
        parts: [
          { kind: 'text', text: text.predict },
          { kind: 'choices', choices: text.choices },
        ],
      },
    ],
    after: [
      {
        heading: words.happened,
        parts: [
          { kind: 'run', told: '', run: broken },
          { kind: 'text', text: text.happened },
          { kind: 'text', text: `${words.finding}${words.colon}${findingText(report, language)}` },
        ],
      },
      { heading: words.why, parts: [{ kind: 'text', text: text.why }] },
      {
        heading: words.cure,
        parts: [
          { kind: 'text', text: text.cure },
          { kind: 'diff', lines: lineDiff(report.lockText, report.curedText) },
          { kind: 'run', told: words.cured, run: cured },
        ],
      },
      adversary(report, text, language),
      { heading: words.notModelled, parts: [{ kind: 'list', items: text.notModelled }] },
      {
        heading: words.pitfalls,
        parts: [
          {
            kind: 'list',
            items: PITFALLS.filter(({ number }) => lesson.pitfalls.includes(number)).map(
              (pitfall) => `${label(pitfall)} ${language === 'en' ? pitfall.name : pitfall.nameZh}`,
            ),
          },
        ],
      },
      { heading: words.sources, parts: [{ kind: 'links', links: lesson.sources }] },
    ],
  }
}

/** What lockstorm says of the run: the heading, bug or limit, the sentence. */
function findingText({ lesson: { shows }, broken: { violation } }: LessonReport, language: Language): string {
  const heading = headingsOf(shows.property)[language]
  const kind = STATUS_WORDS[language][shows.kind]
  const sentence = violation === null ? '' : sentenceOf(violation, language)
  return language === 'en' ? `${heading} (${kind}): ${sentence}.` : `${heading}（${kind}）：${sentence}。`
}

/** Of each client the first moments are listed; a fault may strike at the others, too. */
const MOMENTS_MAX = 6

function adversary({ lesson, moments }: LessonReport, text: LessonText, language: Language): Section {
  const words = WORDS[language]
  const { tools, fewest } = lesson.adversary
  const examples = FAULTS.filter(({ name }) => tools.includes(name)).map(({ example }) => example)
  const width = Math.max(...moments.map(({ at }) => at.length))
  const clientOf = ({ at }: Moment): string => at.slice(0, at.indexOf(' '))
  const firsts = moments.filter((moment, index) => {
    const before = moments.slice(0, index).filter((other) => clientOf(other) === clientOf(moment))
    return before.length < MOMENTS_MAX
  })
  const shown = firsts.map(({ at, label }) => `${at.padEnd(width)}  ${label}`)
  const more = firsts.length < moments.length ? ['…'] : []
  const command = `lockstorm learn ${lesson.name} --break '${examples[0]}, at: ${moments[0]?.at}'`
  return {
    heading: words.adversary,
    parts: [
      { kind: 'text', text: text.goal },
      { kind: 'text', text: words.tools },
      { kind: 'code', language: 'yaml', text: examples.join('\n') },
      { kind: 'text', text: words.moments },
      { kind: 'code', language: 'yaml', text: [...shown, ...more].join('\n') },
      { kind: 'text', text: words.attempt },
      { kind: 'code', language: 'sh', text: command },
      { kind: 'hidden', summary: words.solution, text: faultWords(fewest, words) },
    ],
  }
}

/** Of a scenario, what decides the world. */
const whatIsRun = (storm: string): string => storm.slice(storm.indexOf('workload:'))

function slotsFilled(text: LessonText, { lesson, broken: { violation } }: LessonReport): LessonText {
  const { askedAtUs } = lesson
  const values = {
    ...(askedAtUs === undefined ? {} : { at: durationText(askedAtUs) }),
    ...(violation === null
      ? {}
      : {
          from: instantText(violation.atUs, 100),
          until: instantText(violation.untilUs, 100),
          lasted: durationText(violation.untilUs - violation.atUs),
          first: violation.processes[0] ?? '',
          second: violation.processes[1] ?? '',
        }),
  }
  const fill = (template: string): string => filled(template, values)
  return {
    ...text,
    storm: fill(text.storm),
    predict: fill(text.predict),
    choices: text.choices.map(fill),
    happened: fill(text.happened),
    why: fill(text.why),
    cure: fill(text.cure),
  }
}
