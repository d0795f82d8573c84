/**
 * `lockstorm explain`: one pitfall, property or fault, out of the registries, with what belongs to it.
 */
import type { Check } from '../check/check.ts'
import { PROPERTIES, type ViolationKind, type Weight } from '../check/verdict.ts'
import type { FaultKind } from '../fault/fault.ts'
import type { Lesson } from '../lesson/lesson.ts'
import { addressOf, type Pitfall } from '../pitfall/pitfall.ts'
import { UsageError } from '../sim/usage-error.ts'
import type { Language } from '../text/language.ts'
import { sentenceCase } from '../text/sentence-case.ts'
import { STATUS_WORDS } from '../text/status-word.ts'
import { padded, textWidth, wrap } from '../text/width.ts'
import { headingsOf } from '../words/heading.ts'
import { EXIT, type ExitCode } from './exit-code.ts'
import type { Terminal } from './terminal.ts'

/** What is printed: a title, a sentence or two, and rows of a name and its lines. */
interface Explanation {
  readonly title: string
  readonly text: string
  readonly rows: readonly (readonly [name: string, lines: readonly string[]])[]
  /** What `--json` prints. */
  readonly data: Readonly<Record<string, unknown>>
}

/**
 * Prints what a word means, all of it: `crash` is a property and a fault. Those two are known in English alone.
 * @throws UsageError when there is no such pitfall, property or fault
 */
export async function explain(
  word: string,
  isJson: boolean,
  terminal: Terminal,
  language: Language = 'en',
): Promise<ExitCode> {
  const meanings = await meaningsOf(word, language)
  if (isJson)
    terminal.print(
      JSON.stringify(
        meanings.map(({ data }) => data),
        null,
        2,
      ),
    )
  else terminal.print(meanings.map((meaning) => textOf(meaning, terminal.width)).join('\n\n'))
  return EXIT.ok
}

function textOf({ title, text, rows }: Explanation, columns: number): string {
  const width = Math.max(...rows.map(([name]) => textWidth(name)))
  const lines = rows.flatMap(([name, each]) =>
    each.map((line, index) => `${padded(index === 0 ? name : '', width)}  ${line}`),
  )
  return [title, '', ...wrap(text, columns), '', ...lines].join('\n')
}

async function meaningsOf(word: string, language: Language): Promise<readonly Explanation[]> {
  const [{ label, PITFALLS }, { LESSONS }, { CHECKS }, { FAULTS }] = await Promise.all([
    import('../pitfall/registry.ts'),
    import('../lesson/registry.ts'),
    import('../check/registry.ts'),
    import('../fault/registry.ts'),
  ])
  const titled = (pitfalls: readonly Pitfall[]): readonly string[] =>
    pitfalls.map((pitfall) => `${label(pitfall)} ${pitfall.name}`)
  const number = /^p?0*(\d+)$/i.exec(word)?.[1]
  const pitfalls = PITFALLS.filter((each) => String(each.number) === number)
  const checks = CHECKS.filter(({ name }) => name === word)
  const faults = FAULTS.filter(({ name }) => name === word)
  const pitfallsWith = (isSo: (pitfall: Pitfall) => boolean): readonly string[] => titled(PITFALLS.filter(isSo))
  const meanings = await Promise.all([
    ...pitfalls.map(async (pitfall) => {
      const lessons = LESSONS.filter((lesson) => lesson.pitfalls.includes(pitfall.number))
      return withLessons(await ofPitfall(pitfall, label(pitfall), language), lessons, language)
    }),
    ...checks.map(async (check) => {
      const lessons = LESSONS.filter(({ shows }) => shows.property === word)
      return withLessons(
        await ofProperty(
          check,
          pitfallsWith(({ property }) => property === word),
        ),
        lessons,
      )
    }),
    ...faults.map((fault) => {
      const lessons = LESSONS.filter(({ adversary }) => adversary.tools.includes(word))
      return withLessons(
        ofFault(
          fault,
          pitfallsWith((each) => each.faults.includes(word)),
        ),
        lessons,
      )
    }),
  ])
  if (meanings.length > 0) return meanings
  const { nearHint } = await import('../scenario/nearest.ts')
  const names = [...PITFALLS.map(label), ...CHECKS.map(({ name }) => name), ...FAULTS.map(({ name }) => name)]
  throw new UsageError(
    'explain',
    `expected a pitfall (${names[0]} to ${label(PITFALLS.at(-1) as Pitfall)}), a property or a fault, got ${JSON.stringify(word)}${nearHint(word, names)}`,
    'lockstorm list properties; lockstorm list faults; docs/pitfalls.md lists the pitfalls',
  )
}

const withLessons = (explanation: Explanation, lessons: readonly Lesson[], language: Language = 'en'): Explanation => ({
  ...explanation,
  rows: [...explanation.rows, [PITFALL_WORDS[language].lessons, lessons.map(({ name }) => LEARN[language](name))]],
  data: { ...explanation.data, lessons: lessons.map(({ name }) => name) },
})

const LEARN: Readonly<Record<Language, (lesson: string) => string>> = {
  en: (lesson) => `lockstorm learn ${lesson}`,
  zh: (lesson) => `lockstorm learn ${lesson} --lang zh`,
}

const EN = {
  breaks: 'breaks',
  broken: (property: string, kind: ViolationKind) => `${property} (${kind})`,
  takes: 'takes',
  noFault: 'no fault: scheduling alone is enough',
  faults: (names: readonly string[]) => names.join(', '),
  notShown: 'not shown',
  shownBy: 'shown by',
  curedBy: 'cured by',
  inStorm: (subject: string, storm: string) => `${subject} in ${storm}`,
  sameStorm: 'the same storm',
  runIt: 'run it',
  inClone: 'in a clone of the repository, by the command in docs/pitfalls.md',
  seenIn: 'seen in',
  lessons: 'lessons',
}

/** What is said of a pitfall besides its name and how it happens. */
const PITFALL_WORDS: Readonly<Record<Language, typeof EN>> = {
  en: EN,
  zh: {
    breaks: '违反',
    broken: (property, kind) => `${propertyZh(property)}（${STATUS_WORDS.zh[kind]}）`,
    takes: '需要的故障',
    noFault: '不需要故障：仅消息到达的先后就足够了',
    faults: (names) => names.join('、'),
    notShown: '没有展示',
    shownBy: '展示',
    curedBy: '解决办法',
    inStorm: (subject, storm) => `${subject}，${storm}`,
    sameStorm: '同一场风暴',
    runIt: '运行',
    inClone: '在仓库的克隆中，用 docs/pitfalls.md 里的命令',
    seenIn: '出处',
    lessons: '课程',
  },
}

/** The property by its Chinese heading and its name; what no check judges has words of its own. */
function propertyZh(name: string): string {
  const property = PROPERTIES.find((each) => each === name)
  if (property !== undefined) return `${headingsOf(property).zh} ${property}`
  return UNJUDGED_ZH[name] ?? name
}

const UNJUDGED_ZH: Readonly<Record<string, string>> = { outcome: '调用者得知的结果', 'session index': '会话的索引' }

async function ofPitfall(pitfall: Pitfall, label: string, language: Language): Promise<Explanation> {
  const { number: _, name, nameZh, mechanismZh, notShownZh, ...data } = pitfall
  const { faults, property, kind, citations } = pitfall
  const isZh = language === 'zh'
  const title = isZh ? nameZh : name
  const mechanism = isZh ? mechanismZh : pitfall.mechanism
  const say = PITFALL_WORDS[language]
  const reason = isZh && notShownZh !== undefined ? { notShown: notShownZh } : {}
  return {
    title: `${label} ${title}`,
    text: mechanism,
    rows: [
      [say.breaks, [say.broken(property, kind)]],
      [say.takes, [faults.length === 0 ? say.noFault : say.faults(faults)]],
      ...(await shown(pitfall, language)),
      [say.seenIn, citations.map((citation) => addressOf(citation) ?? citation)],
    ],
    data: { what: 'pitfall', name: label, title, ...data, mechanism, ...reason },
  }
}

/** The run that shows a pitfall, and what cures it. Models are in the repository alone. */
async function shown(pitfall: Pitfall, language: Language): Promise<Explanation['rows']> {
  const say = PITFALL_WORDS[language]
  if (pitfall.notShown !== undefined)
    return [[say.notShown, [language === 'zh' ? pitfall.notShownZh : pitfall.notShown]]]
  const { shows, cure } = pitfall
  const { scenarioNames } = await import('../scenario/node/find-scenarios.ts')
  const names = scenarioNames()
  const isBundled = [shows, cure].every(({ model, storm }) => model === undefined && names.includes(storm))
  return [
    [say.shownBy, [say.inStorm(shows.subject, shows.storm)]],
    [say.curedBy, [say.inStorm(cure.subject, cure.storm === shows.storm ? say.sameStorm : cure.storm)]],
    [
      say.runIt,
      isBundled
        ? [...new Set([shows.storm, cure.storm])].map(
            (storm) => `lockstorm run ${storm} --only ${shows.subject} --only ${cure.subject}`,
          )
        : [say.inClone],
    ],
  ]
}

const WEIGHT_WORDS: Readonly<Record<Weight, string>> = {
  harm: 'two at once, or data lost',
  'blocked-for-ever': 'blocked for ever',
  'blocked-until-expiry': 'blocked until the lease ends',
  untrue: 'told something untrue',
  slow: 'slow or unfair',
}

async function ofProperty(
  { name, summary, weight, subjects }: Check,
  pitfalls: readonly string[],
): Promise<Explanation> {
  const [{ SUBJECT_WORDS }, { WORKLOADS }] = await Promise.all([
    import('../subject/subject.ts'),
    import('../workload/registry.ts'),
  ])
  const workloads = WORKLOADS.filter(({ properties }) => properties.includes(name)).map(({ kind }) => kind)
  return {
    title: `${name}, a property`,
    text: sentenceCase(summary),
    rows: [
      ['broken', [WEIGHT_WORDS[weight]]],
      ['judged on', [subjects.map((kind) => SUBJECT_WORDS[kind]).join(', ')]],
      ['workloads', [workloads.join(', ')]],
      ['pitfalls', pitfalls],
    ],
    data: { what: 'property', name, summary, weight, subjects, workloads, pitfalls },
  }
}

function ofFault({ name, summary, example, roles }: FaultKind, pitfalls: readonly string[]): Explanation {
  return {
    title: `${name}, a fault`,
    text: sentenceCase(summary),
    rows: [
      ['strikes', [roles.join(', ')]],
      ['in YAML', [`- ${example}`]],
      ['pitfalls', pitfalls],
    ],
    data: { what: 'fault', name, summary, roles, example, pitfalls },
  }
}
