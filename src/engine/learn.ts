/**
 * Running a lesson, and the storm that its reader proposes. The code under test is the lesson's own, so it runs in this thread.
 */
import { parseDocument, stringify } from 'yaml'
import { fewestFaults } from '../explore/fewest.ts'
import { type WatchedWorld, watchWorld } from '../explore/site.ts'
import type { PlannedFault } from '../fault/fault.ts'
import type { Lesson } from '../lesson/lesson.ts'
import { LESSONS } from '../lesson/registry.ts'
import type { AttemptReport, LessonReport, LessonRun, Moment } from '../report/lesson/lesson-report.ts'
import { parseScenario } from '../scenario/load.ts'
import { didYouMean } from '../scenario/nearest.ts'
import { writeFault } from '../scenario/plan-file.ts'
import { planOfWorld, type Scenario } from '../scenario/scenario.ts'
import { assert } from '../sim/assert.ts'
import { UsageError } from '../sim/usage-error.ts'
import { clientOf, type Subject } from '../subject/subject.ts'
import { tellViolation } from '../words/told-violation.ts'
import type { JudgedWorld } from '../world/judged-world.ts'
import { type Plan, planFor } from '../world/plan.ts'
import type { Story } from '../world/story-data.ts'

/**
 * The lesson of this name.
 * @throws UsageError when there is none
 */
export function lessonNamed(name: string): Lesson {
  const lesson = LESSONS.find((each) => each.name === name)
  if (lesson !== undefined) return lesson
  const names = LESSONS.map((each) => each.name)
  throw new UsageError(
    'learn',
    `unknown lesson ${JSON.stringify(name)}${didYouMean(name, names)}`,
    'lockstorm learn lists them',
  )
}

/** Runs a lesson's code, and what cures it, in the lesson's storm. */
export async function runLesson(lesson: Lesson): Promise<LessonReport> {
  const { files, judge, tell, watch } = await openLesson(lesson)
  const { lock, cured, storm, stormText } = files
  const plan = planIn(storm, lock.subject)
  const curedPlan = planIn(storm, cured.subject)
  const world = await judge(plan, lock.subject)
  const calm = calmPlan(storm, lock.subject)
  return {
    lesson,
    lockText: lock.text,
    curedText: cured.text,
    stormText,
    broken: { ...verdictOf(world), story: await tell(plan, lock.subject) },
    cured: { ...verdictOf(await judge(curedPlan, cured.subject)), story: await tell(curedPlan, cured.subject) },
    answer: lesson.answerIn(world),
    moments: momentsOf(await watch(calm, lock.subject), await tell(calm, lock.subject)),
  }
}

/**
 * Runs the lesson's code in a storm of the reader's: the lesson's world with these faults instead of its own.
 * @param texts faults as scenario files write them: `pause: { process: A, for: 2s }, at: A before send 3`
 * @throws UsageError when one of them is none, or not one of those that the lesson allows
 */
export async function tryToBreak(lesson: Lesson, texts: readonly string[]): Promise<AttemptReport> {
  const { files, judge, tell, ground, inWorlds } = await openLesson(lesson)
  const { lock, stormText, storm } = files
  const plan = planIn(withFaults(lesson, stormText, texts), lock.subject)
  const world = await judge(plan, lock.subject)
  const isBroken = breaks(lesson)
  const { tools, isLossy = false } = lesson.adversary
  const base = calmPlan(storm, lock.subject)
  const fewest = await inWorlds(() => fewestFaults({ ...ground, isLossy, base }, tools, isBroken))
  assert(fewest !== null, 'the storm of a lesson breaks its code, with two faults at most')
  return {
    lesson,
    faults: plan.faults.map(faultText),
    notStruck: plan.faults.filter((fault) => !world.run.struck.includes(fault)).map(faultText),
    isBroken: isBroken(world),
    run: { ...verdictOf(world), story: await tell(plan, lock.subject) },
    fewest: { count: fewest.faults.length, faults: fewest.faults.map(faultText), triedCount: fewest.triedCount },
  }
}

/** Whether a world shows what the lesson is about. */
const breaks =
  ({ shows: { property, kind } }: Lesson) =>
  ({ judgement: { verdict } }: JudgedWorld): boolean =>
    verdict.status === 'violated' && verdict.violations.some((each) => each.property === property && each.kind === kind)

const faultText = (fault: PlannedFault): string =>
  stringify(writeFault(fault), { collectionStyle: 'flow', lineWidth: 0 }).trim()

/** A lesson's files and what runs them; what makes clocks virtual is loaded before the code that asks them. */
async function openLesson(lesson: Lesson) {
  const [{ memoryProvider, nodeEnvironment }, { judgeWorld, tellWorld }, { inMacrotask }, { loadLesson }] =
    await Promise.all([
      import('../world/node/environment.ts'),
      import('../world/judged-world.ts'),
      import('../sim/node/drain.ts'),
      import('../lesson/node/load-lesson.ts'),
    ])
  const files = await loadLesson(lesson)
  const environment = nodeEnvironment(clientOf(files.lock.subject, 'direct'), memoryProvider())
  return {
    files,
    ground: { subject: files.lock.subject, environment },
    inWorlds: inMacrotask,
    judge: (plan: Plan, subject: Subject) => inMacrotask(() => judgeWorld(plan, subject, environment)),
    tell: (plan: Plan, subject: Subject) => inMacrotask(() => tellWorld(plan, subject, environment)),
    watch: (plan: Plan, subject: Subject) => inMacrotask(() => watchWorld(plan, subject, environment)),
  }
}

/** The seed of `lockstorm run`. */
const SEED = '1'

const planIn = (storm: Scenario, subject: Subject): Plan =>
  planFor(planOfWorld(storm, SEED, 0, clientOf(subject, 'direct')), subject)

/** The lesson's world without its faults. */
const calmPlan = (storm: Scenario, subject: Subject): Plan => ({ ...planIn(storm, subject), faults: [] })

function verdictOf({ judgement: { verdict } }: JudgedWorld): Omit<LessonRun, 'story'> {
  const [worst] = verdict.status === 'violated' ? verdict.violations : []
  return { status: verdict.status, violation: worst === undefined ? null : tellViolation(worst) }
}

/** The messages at which a fault can strike, with what is in them; of a waiter's polls the first and the last. */
function momentsOf({ passed, sites }: WatchedWorld, { messages, key }: Story): readonly Moment[] {
  const rest = [...messages]
  return passed.flatMap((seen) => {
    const { process, site, count, atUs } = seen
    const index = rest.findIndex(({ from, to, sentUs, arrivedUs }) =>
      site === 'send' ? from === process && sentUs === atUs : to === process && arrivedUs === atUs,
    )
    // Several messages of one moment pass in their order: each is taken once.
    const [message] = index < 0 ? [] : rest.splice(index, 1)
    if (!sites.includes(seen)) return []
    return [{ at: `${process} before ${site} ${count}`, label: message?.label.replaceAll(key, 'k') ?? '' }]
  })
}

/**
 * The storm of a lesson with other faults.
 * @throws UsageError
 */
function withFaults({ name, adversary: { tools } }: Lesson, stormText: string, texts: readonly string[]): Scenario {
  const faults = texts.map((text) => {
    const document = parseDocument(/^\s*\{/.test(text) ? text : `{ ${text} }`)
    const fault: unknown = document.errors.length === 0 ? document.toJS() : null
    const [kind = ''] =
      typeof fault === 'object' && fault !== null ? Object.keys(fault).filter((key) => key !== 'at') : []
    if (!tools.includes(kind)) {
      throw new UsageError(
        '--break',
        `expected a fault of this lesson, got ${JSON.stringify(text)}${didYouMean(kind, tools)}`,
        `lockstorm learn ${name} shows how they are written`,
      )
    }
    return fault
  })
  const storm = parseDocument(stormText)
  storm.set('faults', faults)
  // Of the same name, so that its world has the same latencies.
  return parseScenario(String(storm), 'storm.yaml')
}
