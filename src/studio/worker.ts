/**
 * The worker of the page: everything simulated happens in here, one world at a time, in the order in which it was asked for.
 */
import SCENARIO_FILES from 'lockstorm:scenarios'
import LUA from 'wasmoon-lua5.1/dist/liblua5.1.wasm'
import { basePlans, DEFAULT_PARAMETERS } from '../explore/base-plan.ts'
import { readStorm } from '../explore/storm-text.ts'
import { bundledSubjects } from '../scenario/bundled-subjects.ts'
import { parseScenario } from '../scenario/load.ts'
import { planOfWorld, type Scenario } from '../scenario/scenario.ts'
import { subjectsFor } from '../scenario/suite.ts'
import { checkPlan, decodeToken } from '../scenario/token.ts'
import { shown } from '../sim/shown.ts'
import { UsageError } from '../sim/usage-error.ts'
import { definitionOf, neededClient, type Subject } from '../subject/subject.ts'
import type { Plan } from '../world/plan.ts'
import { browserEnvironment } from './environment.ts'
import { huntFrom } from './hunting.ts'
import { closeWaysOut, OWN_FILE, ownSite, ownSubject } from './own-code.ts'
import type { Answer, Ask, Code, FromWorker, Opened, RequestName, ToWorker } from './protocol.ts'
import { look, slack } from './worlds.ts'

const tell: (message: FromWorker) => void = postMessage.bind(globalThis)
closeWaysOut()

const base = browserEnvironment(LUA)
const environment: typeof base = {
  ...base,
  site: ownSite,
  async loop(world) {
    await base.loop(world)
    tell({ kind: 'alive' })
  },
}
const subjects = bundledSubjects()
const LESSON = /^lessons\//
const parsed = Object.entries(SCENARIO_FILES).map(([path, text]) => parseScenario(text, path))
/** The suite, then the systems of the articles. */
const scenarios: readonly Scenario[] = parsed
  .filter(({ path }) => !LESSON.test(path))
  .sort((a, b) => Number(a.path.includes('/')) - Number(b.path.includes('/')))
/** All are called `storm`: they are known by their paths. */
const lessonStorms = parsed.filter(({ path }) => LESSON.test(path))

/** @throws UsageError when there is none, or it needs a client that a page does not have */
function subjectOf(code: Code): Subject {
  if (code.kind === 'built-in') return subjectNamed(code.name)
  const subject = ownSubject(code)
  const needed = neededClient(subject)
  if (needed !== undefined && needed !== 'direct')
    throw new UsageError(OWN_FILE, `it needs the client ${needed}; a page has its own, which speaks as ioredis does`)
  if (subjects.some(({ name }) => name === subject.name))
    throw new UsageError(OWN_FILE, `the name ${shown(subject.name)} is taken by a built-in one`, 'give it another name')
  return subject
}

function subjectNamed(name: string): Subject {
  const found = subjects.find((subject) => subject.name === name)
  if (found !== undefined) return found
  throw new UsageError('token', `it names ${shown(name)}, which did not come with lockstorm`)
}

/** What a token or the name of a scenario means; the client is the page's own. */
function open(word: string, seed: string): Opened {
  const named = lessonStorms.find(({ path }) => path === word) ?? scenarios.find(({ name }) => name === word)
  if (named !== undefined) return { plan: planOfWorld(named, seed, 0, 'direct'), subject: null }
  const parts = decodeToken(word)
  if ('storm' in parts) return { plan: readStorm(parts.storm, parts.seed, 'direct'), subject: parts.subject }
  const scenario = scenarios.find(({ name }) => name === parts.scenario)
  if (scenario === undefined)
    throw new UsageError('token', `it names the scenario ${shown(parts.scenario)}, which did not come with lockstorm`)
  checkPlan(parts, scenario, subjectNamed(parts.subject))
  return { plan: planOfWorld(scenario, parts.seed, parts.world, 'direct'), subject: parts.subject }
}

/** The plan without faults that hunts of a subject begin with. */
function calm(subject: Subject): Plan {
  const [plan] = basePlans(subject, { ...DEFAULT_PARAMETERS, client: 'direct' })
  if (plan === undefined) throw new UsageError(OWN_FILE, 'hunts have no use for such a subject')
  return plan
}

type Context = { readonly isDropped: () => boolean; readonly note: (note: unknown) => void }
type Handlers = {
  readonly [Name in RequestName]: (ask: Ask<Name>, context: Context) => Answer<Name> | Promise<Answer<Name>>
}

const HANDLERS: Handlers = {
  catalogue: () => ({
    subjects: subjects.map((subject) => ({
      name: subject.name,
      title: definitionOf(subject).title ?? '',
      kind: subject.kind,
      scenarios: scenarios.filter((scenario) => subjectsFor(scenario, [subject]).length > 0).map(({ name }) => name),
    })),
    scenarios: [
      ...scenarios.map(({ name, title, story }) => ({ name, title, story })),
      ...lessonStorms.map(({ path, title, story }) => ({ name: path, title, story })),
    ],
  }),
  open: ({ word, seed }) => open(word, seed),
  base: ({ code }) => ({ plan: calm(subjectOf(code)) }),
  look: ({ code, plan }) => look(plan, subjectOf(code), environment, calm),
  slack: ({ code, plan, fault }, { isDropped }) => slack(plan, fault, subjectOf(code), environment, isDropped),
  hunt: ({ code, plan, faults }, { isDropped: isStopped, note }) =>
    huntFrom(subjectOf(code), environment, { plan, faults, isStopped, note }),
}

const dropped = new Set<number>()
let last: Promise<void> = Promise.resolve()

/** Answers one request. */
async function answer({ number, name, ask }: Extract<ToWorker, { readonly kind: 'ask' }>): Promise<void> {
  if (dropped.delete(number)) return
  const context: Context = {
    isDropped: () => dropped.has(number),
    note: (note) => tell({ kind: 'note', number, note }),
  }
  try {
    const handler = HANDLERS[name] as (ask: Ask<RequestName>, context: Context) => unknown
    tell({ kind: 'answer', number, answer: await handler(ask, context) })
  } catch (error) {
    const isOurs = error instanceof Error && error.name === 'AssertionError'
    tell({ kind: 'problem', number, text: problemText(error), isOurs })
  }
  dropped.delete(number)
}

/** What the user's code threw when it was loaded, or what is wrong with it. */
function problemText(error: unknown): string {
  if (error instanceof UsageError) return error.message.replace(`${OWN_FILE}: `, '')
  return error instanceof Error ? `${error.name}: ${error.message}` : `it threw ${shown(error)}`
}

addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  if (data.kind === 'drop') dropped.add(data.number)
  else last = last.then(() => answer(data))
})
tell({ kind: 'ready' })
