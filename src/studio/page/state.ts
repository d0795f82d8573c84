/**
 * The state of the page: what is under test, the plan, and what came of it. Whoever changes one of the first two sees to it that the
 * third follows; the newest wish wins, and what is asked of the worker meanwhile is dropped.
 */
import LESSONS from 'lockstorm:lessons'
import SOURCES from 'lockstorm:sources'
import { computed, effect, signal } from '@preact/signals'
import type { PlannedFault } from '../../fault/fault.ts'
import type { Plan } from '../../world/plan.ts'
import type { Answer, Code, Hunted, Look, Slack } from '../protocol.ts'
import { readAddress, writeAddress } from './address.ts'
import { Engine, Problem, RanForEver } from './engine.ts'
import { plainScript } from './plain-script.ts'

const element = document.getElementById('worker')
const engine = new Engine(element?.textContent ?? '')

/** Where a first visitor begins: two clients that both see a free lock. */
const FIRST = { subject: 'naive', scenario: 'no-fault', seed: '1' }

export const catalogue = signal<Answer<'catalogue'> | null>(null)
/** The built-in subject that is under test, or that the text of the editor was made from. */
export const chosen = signal(FIRST.subject)
export const text = signal(sourceOf(FIRST.subject))
/** The scenario that the plan came from; empty: from elsewhere. */
export const scenario = signal('')
export const plan = signal<Plan | null>(null)
export const look = signal<Look | null>(null)
/** What is wrong with the code or its storm, in words; null: nothing. */
export const problem = signal<string | null>(null)
/** Of each fault of the plan that has a size, where the verdict turns. */
export const slacks = signal<ReadonlyMap<number, Slack>>(new Map())
/** The message that was clicked, by its index in the story. */
export const picked = signal<number | null>(null)
/** While something is dragged: what would come of it. */
export const preview = signal<Look | null>(null)
export const hunted = signal<Hunted | null>(null)
export const isHunting = signal(false)

/** The code of a lesson; undefined: of something else. */
function lessonCode(name: string): (typeof LESSONS)[number] | undefined {
  return LESSONS.find((each) => each.name === name)
}

/** What can be chosen. */
export interface Choice {
  readonly name: string
  readonly label: string
  readonly title: string
  readonly kind: string
  /** Beside which others it stands in the list: its kind, or `lesson`. */
  readonly group: string
  /** The storms that are made for it. */
  readonly scenarios: readonly string[]
  /** Why it cannot be run here; null: it can. */
  readonly lacks: string | null
}

/** What comes with lockstorm, then the code of the lessons. */
export const choices = computed<readonly Choice[]>(() => {
  const { subjects = [] } = catalogue.value ?? {}
  return [
    ...subjects.map((each) => ({ ...each, label: each.name, group: each.kind, lacks: null })),
    ...LESSONS.map(({ name, label, title, kind, client, storm }) => ({
      name,
      label,
      title,
      kind,
      group: 'lesson',
      scenarios: [storm, ...storms(kind)],
      lacks: client === null || client === 'direct' ? null : `needs ${client}`,
    })),
  ]
})

const choiceOf = (name: string): Choice | undefined => choices.value.find((each) => each.name === name)

/** The storms for all subjects of a kind. */
const storms = (kind: string): readonly string[] => [
  ...new Set(catalogue.value?.subjects.filter((each) => each.kind === kind).flatMap(({ scenarios }) => scenarios)),
]

/** The names of the storms that fit what is under test. */
export const fitting = computed<readonly string[]>(() => {
  const choice = choiceOf(chosen.value)
  const kind = look.value?.subject.kind ?? choice?.kind ?? ''
  return choice?.kind === kind ? choice.scenarios : storms(kind)
})

/** The source of what can be chosen. */
export function sourceOf(name: string): string {
  return SOURCES[name] ?? lessonCode(name)?.text ?? ''
}

/** Whether the editor has text of the user's. */
export const isOwn = computed(() => text.value !== sourceOf(chosen.value))

/** Whether a name is enough to say what is under test, in an address and in a terminal; else its text is. */
export const isNamed = computed(() => !isOwn.value && lessonCode(chosen.value) === undefined)

/** What is under test; or what is wrong with the text. */
const code = computed<Code | { readonly kind: 'wrong'; readonly problem: string }>(() => {
  if (isNamed.value) return { kind: 'built-in', name: chosen.value }
  const plain = plainScript(text.value)
  if (plain.kind === 'script') return { kind: 'own', text: text.value, script: plain.script }
  return { kind: 'wrong', problem: `line ${plain.line}: ${plain.problem}` }
})

/** Begins: with what the address says, or with the first storm. */
export async function start(): Promise<void> {
  catalogue.value = await engine.ask('catalogue', {})
  if (!(await openAddress())) await openScenario(FIRST.scenario)
  addEventListener('hashchange', () => void openAddress())
  effect(() => {
    const [under, planned] = [code.value, plan.value]
    if (planned !== null) void refresh(under, planned)
  })
}

/** Opens a scenario that comes with lockstorm, for what is under test. */
export async function openScenario(name: string): Promise<void> {
  await attempt(async () => {
    const opened = await engine.ask('open', { word: name, seed: FIRST.seed })
    scenario.value = name
    setPlan(opened.plan)
  })
}

/** The plan of a hunt that has not begun: no fault. */
export async function openCalm(): Promise<void> {
  await attempt(async () => {
    if (code.value.kind === 'wrong') return
    const { plan: calm } = await engine.ask('base', { code: code.value })
    scenario.value = ''
    setPlan(calm)
  })
}

/** Chooses a subject, and a storm that is made for it: of a lesson its own. */
export async function choose(name: string): Promise<void> {
  const next = choiceOf(name)
  const lesson = lessonCode(name)
  // The cure is seen in the storm that the reader has made of the lesson's.
  const isAtHome = lesson === undefined || lesson.storm === lessonCode(chosen.value)?.storm
  const isFitting = isAtHome && look.value?.subject.kind === next?.kind
  chosen.value = name
  text.value = sourceOf(name)
  hunted.value = null
  if (next?.scenarios[0] !== undefined && !isFitting) await openScenario(next.scenarios[0])
}

let ownAddress = ''

/** False: it holds nothing that can be opened. */
async function openAddress(): Promise<boolean> {
  if (location.hash === ownAddress && ownAddress !== '') return true
  const address = await readAddress(location.hash)
  if (address === null) return false
  return attempt(async () => {
    const opened = await engine.ask('open', { word: address.token, seed: FIRST.seed })
    const known = catalogue.value?.subjects.some(({ name }) => name === opened.subject) ?? false
    const lesson = LESSONS.find((each) => each.text === address.text)
    if (lesson !== undefined) chosen.value = lesson.name
    else if (known && opened.subject !== null) chosen.value = opened.subject
    text.value = address.text ?? sourceOf(chosen.value)
    scenario.value = ''
    setPlan(opened.plan)
    if (!known && address.text === null)
      throw new Problem(`the address names ${opened.subject}, and has no code for it`)
  })
}

/** Whether it went well; else `problem` says why not. */
async function attempt(task: () => Promise<void>): Promise<boolean> {
  try {
    await task()
    return true
  } catch (error) {
    tellProblem(error)
    return false
  }
}

function tellProblem(error: unknown): void {
  if (error instanceof RanForEver)
    problem.value = 'The code ran without end, so it was stopped: is there a loop that nothing ends?'
  else if (error instanceof Problem) problem.value = error.message
  else problem.value = `lockstorm itself failed: ${error instanceof Error ? error.message : String(error)}`
}

export function setPlan(next: Plan): void {
  picked.value = null
  plan.value = next
}

export const withFaults = (faults: readonly PlannedFault[]): void => {
  if (plan.value !== null) setPlan({ ...plan.value, faults })
}

/** The same fault in another size; of no size it is gone. */
export function resized(planned: Plan, index: number, key: string, us: number): Plan {
  const fault = planned.faults[index] as PlannedFault
  const changed = { ...fault, settings: { ...fault.settings, [key]: us } }
  return { ...planned, faults: us === 0 ? planned.faults.toSpliced(index, 1) : planned.faults.with(index, changed) }
}

let round = 0
let slackSignal = new AbortController()

/** Runs the world, then looks for the slack of each fault. */
async function refresh(under: typeof code.value, planned: Plan): Promise<void> {
  round += 1
  const mine = round
  slackSignal.abort()
  slackSignal = new AbortController()
  const { signal } = slackSignal
  if (under.kind === 'wrong') {
    problem.value = under.problem
    return
  }
  await attempt(async () => {
    const seen = await engine.ask('look', { code: under, plan: planned }, { signal })
    if (mine !== round) return
    problem.value = null
    slacks.value = new Map()
    preview.value = null
    look.value = seen
    if (seen.instead !== null) {
      // The code has become another kind of subject.
      scenario.value = ''
      setPlan(seen.instead)
      return
    }
    void tellAddress(seen)
    for (const [fault, { size }] of seen.faults.entries()) {
      if (size === null || mine !== round) continue
      const found = await engine.ask('slack', { code: under, plan: planned, fault }, { signal })
      if (mine === round) slacks.value = new Map([...slacks.value, [fault, found]])
    }
  }).then((isWell) => {
    if (!isWell && mine !== round) problem.value = null
  })
}

async function tellAddress({ token }: Look): Promise<void> {
  if (token === null) return
  const address = await writeAddress({ token, text: isNamed.value ? null : text.value })
  ownAddress = address === '' ? '' : `#${address}`
  history.replaceState(null, '', ownAddress === '' ? location.pathname : ownAddress)
}

let isTrying = false
let wish: Plan | null = null

/** What would come of a plan, while something is dragged: the newest wish after the one that is being run. */
export async function tryOut(planned: Plan): Promise<void> {
  wish = planned
  if (isTrying) return
  isTrying = true
  while (wish !== null) {
    const next: Plan = wish
    wish = null
    const under = code.value
    if (under.kind === 'wrong') break
    await attempt(async () => {
      const seen = await engine.ask('look', { code: under, plan: next })
      preview.value = seen
    })
  }
  isTrying = false
}

/** Nothing is dragged any more. */
export function endTryOut(): void {
  wish = null
  preview.value = null
}

let huntSignal = new AbortController()

/** Looks for the smallest storms that break what is under test, from the calm of this plan. */
export async function startHunt(faults: 1 | 2): Promise<void> {
  const [under, planned] = [code.value, plan.value]
  if (under.kind === 'wrong' || planned === null) return
  huntSignal = new AbortController()
  const { signal } = huntSignal
  hunted.value = { tried: 0, planned: null, findings: [], claim: null }
  isHunting.value = true
  await attempt(async () => {
    const onNote = (note: Hunted): void => {
      hunted.value = note
    }
    hunted.value = await engine.ask('hunt', { code: under, plan: planned, faults }, { onNote, signal })
  })
  isHunting.value = false
}

/** Ends the search; what was found is made small and explained. */
export function stopHunt(): void {
  huntSignal.abort()
}
