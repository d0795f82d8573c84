/**
 * `lockstorm list`: what there is, out of the registries.
 */
import { assertNever } from '../sim/assert.ts'
import { EXIT, type ExitCode } from './exit-code.ts'
import type { Terminal } from './terminal.ts'

export const TOPICS = ['scenarios', 'articles', 'locks', 'faults', 'properties'] as const

export type Topic = (typeof TOPICS)[number]

/** One entry; what else it has is for `--json`. */
interface Entry {
  readonly name: string
  readonly summary: string
  readonly more: Readonly<Record<string, unknown>>
  /** Lines below it. */
  readonly details: readonly string[]
}

/** Prints a list. */
export async function list(topic: Topic, isJson: boolean, terminal: Terminal): Promise<ExitCode> {
  const entries = await entriesOf(topic)
  if (isJson) {
    terminal.print(
      JSON.stringify(
        entries.map(({ name, summary, more }) => ({ name, summary, ...more })),
        null,
        2,
      ),
    )
    return EXIT.ok
  }
  const width = Math.max(...entries.map(({ name }) => name.length), 0)
  for (const { name, summary, details } of entries) {
    terminal.print(`${name.padEnd(width)}  ${summary}`)
    for (const detail of details) terminal.print(`${' '.repeat(width)}  ${detail}`)
  }
  return EXIT.ok
}

function entriesOf(topic: Topic): Promise<readonly Entry[]> {
  switch (topic) {
    case 'scenarios':
      return scenarios([])
    case 'articles':
      return scenarios(['articles'])
    case 'locks':
      return locks()
    case 'faults':
      return faults()
    case 'properties':
      return properties()
    default:
      return assertNever(topic)
  }
}

/** The bundled ones, or those of a bundled folder, with the subjects that they name. */
async function scenarios(words: readonly string[]): Promise<readonly Entry[]> {
  const { loadScenarios } = await import('../scenario/node/find-scenarios.ts')
  return loadScenarios(words).map(({ name, title, path, story, teaches, tags, subjects, expect }) => ({
    name,
    summary: title,
    more: { path, story, teaches, tags },
    details: subjects === 'named' ? [[...expect.keys()].join(', ')] : [],
  }))
}

async function locks(): Promise<readonly Entry[]> {
  const [
    { LOCKS },
    { SEMAPHORES },
    { SESSION_STORES },
    { QUEUES },
    { ELECTIONS },
    { READ_WRITE_LOCKS },
    { SUBJECT_WORDS },
  ] = await Promise.all([
    import('../lock/registry.ts'),
    import('../lock/semaphore/registry.ts'),
    import('../session/registry.ts'),
    import('../queue/registry.ts'),
    import('../leader/registry.ts'),
    import('../read-write/registry.ts'),
    import('../subject/subject.ts'),
  ])
  const entry = (kind: string) => (subject: { name: string; title?: string; commands?: string }) => ({
    name: subject.name,
    summary: subject.title ?? '',
    more: { kind, commands: subject.commands ?? '' },
    details: [],
  })
  return [
    ...[...LOCKS, ...SEMAPHORES].map(entry(SUBJECT_WORDS.lock)),
    ...SESSION_STORES.map(entry(SUBJECT_WORDS.session)),
    ...QUEUES.map(entry(SUBJECT_WORDS['job-queue'])),
    ...ELECTIONS.map(entry(SUBJECT_WORDS['leader-election'])),
    ...READ_WRITE_LOCKS.map(entry(SUBJECT_WORDS['read-write-lock'])),
  ]
}

async function faults(): Promise<readonly Entry[]> {
  const { FAULTS } = await import('../fault/registry.ts')
  return FAULTS.map(({ name, summary, example }) => ({ name, summary, more: { example }, details: [`- ${example}`] }))
}

async function properties(): Promise<readonly Entry[]> {
  const { CHECKS } = await import('../check/registry.ts')
  return CHECKS.map(({ name, summary, subjects }) => ({ name, summary, more: { subjects }, details: [] }))
}
