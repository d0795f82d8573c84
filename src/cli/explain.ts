/**
 * `lockstorm explain`: one pitfall, property or fault, out of the registries, with what belongs to it.
 */
import type { Check } from '../check/check.ts'
import type { Weight } from '../check/verdict.ts'
import type { FaultKind } from '../fault/fault.ts'
import type { Lesson } from '../lesson/lesson.ts'
import { addressOf, type Pitfall } from '../pitfall/pitfall.ts'
import { UsageError } from '../sim/usage-error.ts'
import { sentenceCase } from '../text/sentence-case.ts'
import { wrap } from '../text/width.ts'
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
 * Prints what a word means, all of it: `crash` is a property and a fault.
 * @throws UsageError when there is no such pitfall, property or fault
 */
export async function explain(word: string, isJson: boolean, terminal: Terminal): Promise<ExitCode> {
  const meanings = await meaningsOf(word)
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
  const width = Math.max(...rows.map(([name]) => name.length))
  const lines = rows.flatMap(([name, each]) =>
    each.map((line, index) => `${(index === 0 ? name : '').padEnd(width)}  ${line}`),
  )
  return [title, '', ...wrap(text, columns), '', ...lines].join('\n')
}

async function meaningsOf(word: string): Promise<readonly Explanation[]> {
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
      return withLessons(await ofPitfall(pitfall, label(pitfall)), lessons)
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

const withLessons = (explanation: Explanation, lessons: readonly Lesson[]): Explanation => ({
  ...explanation,
  rows: [...explanation.rows, ['lessons', lessons.map(({ name }) => `lockstorm learn ${name}`)]],
  data: { ...explanation.data, lessons: lessons.map(({ name }) => name) },
})

async function ofPitfall(pitfall: Pitfall, label: string): Promise<Explanation> {
  const { number: _, name: title, nameZh: _zh, ...data } = pitfall
  const { mechanism, faults, property, kind, citations } = pitfall
  return {
    title: `${label} ${title}`,
    text: mechanism,
    rows: [
      ['breaks', [`${property} (${kind})`]],
      ['takes', [faults.length === 0 ? 'no fault: scheduling alone is enough' : faults.join(', ')]],
      ...(await shown(pitfall)),
      ['seen in', citations.map((citation) => addressOf(citation) ?? citation)],
    ],
    data: { what: 'pitfall', name: label, title, ...data },
  }
}

/** The run that shows a pitfall, and what cures it. Models are in the repository alone. */
async function shown(pitfall: Pitfall): Promise<Explanation['rows']> {
  if (pitfall.notShown !== undefined) return [['not shown', [pitfall.notShown]]]
  const { shows, cure } = pitfall
  const { scenarioNames } = await import('../scenario/node/find-scenarios.ts')
  const names = scenarioNames()
  const isBundled = [shows, cure].every(({ model, storm }) => model === undefined && names.includes(storm))
  const inStorm = cure.storm === shows.storm ? 'the same storm' : cure.storm
  return [
    ['shown by', [`${shows.subject} in ${shows.storm}`]],
    ['cured by', [`${cure.subject} in ${inStorm}`]],
    [
      'run it',
      isBundled
        ? [...new Set([shows.storm, cure.storm])].map(
            (storm) => `lockstorm run ${storm} --only ${shows.subject} --only ${cure.subject}`,
          )
        : ['in a clone of the repository, by the command in docs/pitfalls.md'],
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
