/**
 * The same plan gives the same history in Node and in a browser: every bundled scenario with every subject that it is made for, Lua
 * included, in the worker of the playground, with the direct client; in Chromium, and in Firefox, which has another engine.
 */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { lessonSources, sources } from '../../build/sources.js'
import { workerText } from '../../build/studio.js'
import { basePlans, DEFAULT_PARAMETERS } from '../../src/explore/base-plan.ts'
import { soloCrew } from '../../src/explore/crew.ts'
import { Explorer } from '../../src/explore/explorer.ts'
import { hunt } from '../../src/explore/hunt.ts'
import { levels } from '../../src/explore/search.ts'
import type { Lesson } from '../../src/lesson/lesson.ts'
import { loadLesson } from '../../src/lesson/node/load-lesson.ts'
import { LESSONS } from '../../src/lesson/registry.ts'
import type { LockDefinition } from '../../src/lock/lock.ts'
import { bundledSubjects } from '../../src/scenario/bundled-subjects.ts'
import { loadScenarios } from '../../src/scenario/node/find-scenarios.ts'
import { planOfWorld } from '../../src/scenario/scenario.ts'
import { type Pairing, pairingsOf } from '../../src/scenario/suite.ts'
import { inMacrotask } from '../../src/sim/node/drain.ts'
import { plainScript } from '../../src/studio/page/plain-script.ts'
import type { Hunted } from '../../src/studio/protocol.ts'
import { lockSubject, type Subject } from '../../src/subject/subject.ts'
import { judgeWorld } from '../../src/world/judged-world.ts'
import { memoryProvider, nodeEnvironment } from '../../src/world/node/environment.ts'
import type { Plan } from '../../src/world/plan.ts'
import { leaveOut } from '../left-out.ts'
import { inFirefox, isFirefoxThere } from './firefox.ts'

const CHROMIUM = '/usr/bin/chromium'
const ROOT = path.resolve(import.meta.dirname, '../..')
const LESSON_FILES = lessonSources(
  path.join(ROOT, 'lessons'),
  LESSONS.map(({ name }) => name),
  new Set(Object.keys(sources(path.join(ROOT, 'src')))),
)
const environment = nodeEnvironment('direct', memoryProvider())

interface World {
  readonly name: string
  readonly subject: Subject
  readonly plan: Plan
}

/** Each scenario with one of its subjects in turn, and what is not among these in the first scenario that is made for it. */
function chosen(): readonly World[] {
  const pairings = pairingsOf([...loadScenarios([]), ...loadScenarios(['articles'])], bundledSubjects())
  const scenarios = [...new Set(pairings.map(({ scenario }) => scenario))]
  const cells = scenarios.map((scenario) => pairings.filter((pairing) => pairing.scenario === scenario))
  const inTurn = cells.map((of, index) => of[index % of.length] as Pairing)
  const covered = new Set(inTurn.map(({ subject }) => subject.name))
  const others = pairings.filter(({ subject: { name } }) => !covered.has(name) && covered.add(name))
  return [...inTurn, ...others].map(({ scenario, subject }) => ({
    name: `${scenario.name} ${subject.name}`,
    subject,
    plan: planOfWorld(scenario, 'same', 0, 'direct'),
  }))
}

/** A lock that lets a rejection go unheard, and throws out of a timer: both are its process's end. */
const CARELESS = `exports.default = {
  name: 'careless',
  async acquire({ redis, key, token }) {
    if ((await redis.set(key, token, 'NX')) !== 'OK') return null
    if (token.endsWith('2')) Promise.reject(new Error('unheard'))
    setTimeout(() => { throw new Error('out of a timer') }, 5)
    return { token }
  },
  async release({ redis, key }) { return (await redis.del(key)) === 1 },
}`

const inNode = ({ plan, subject }: World): Promise<string> =>
  inMacrotask(() => judgeWorld(plan, subject, environment).run.historyHash)

/** The worker's globals, as far as the function below uses them: it runs there, not here. */
declare const URL: { createObjectURL(blob: object): string }
declare const Blob: new (parts: readonly string[]) => object
declare const Worker: new (
  url: string,
) => {
  onmessage: (event: { readonly data: Readonly<Record<string, unknown>> }) => void
  onerror: (event: { readonly message: string }) => void
  postMessage(message: unknown): void
}

/** What the worker of the playground answers to these requests, in their order, a problem as its text; runs in a page. */
const answersOf = ([text, asks]: readonly [text: string, asks: readonly object[]]): Promise<readonly unknown[]> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(URL.createObjectURL(new Blob([text])))
    const answers: unknown[] = []
    worker.onerror = ({ message }) => reject(new Error(message))
    worker.onmessage = ({ data }) => {
      if (data.kind !== 'answer' && data.kind !== 'problem') return
      const { historyHash } = (data.answer ?? {}) as { readonly historyHash?: string }
      answers.push(historyHash ?? data.text ?? data.answer)
      if (answers.length === asks.length) resolve(answers)
    }
    for (const [number, ask] of asks.entries()) worker.postMessage({ kind: 'ask', number, ...ask })
  })

type InBrowser = (asks: readonly object[]) => Promise<readonly unknown[]>

async function inChromium(asks: readonly object[]): Promise<readonly unknown[]> {
  const page = await (chromiumBrowser as Browser).newPage()
  const answers = await page.evaluate(answersOf, [text, asks] as const)
  await page.close()
  return answers
}

/** The browsers, in which a missing one is null. */
const BROWSERS: readonly (readonly [name: string, ask: () => InBrowser | null])[] = [
  ['Chromium', () => (chromiumBrowser === undefined ? null : inChromium)],
  [
    'Firefox',
    () =>
      isFirefoxThere ? async (asks) => (await inFirefox(answersOf, [text, asks] as const)) as readonly unknown[] : null,
  ],
]

const look = (code: object, plan: Plan): object => ({ name: 'look', ask: { code, plan } })

let chromiumBrowser: Browser | undefined
let text = ''
beforeAll(async () => {
  text = await workerText()
  if (existsSync(CHROMIUM))
    chromiumBrowser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
})
afterAll(() => chromiumBrowser?.close())

describe.each(BROWSERS)('a world in %s', (name, askIn) => {
  it('has the history that it has in Node, for every bundled scenario and every subject', async (context) => {
    const inBrowser = askIn()
    if (inBrowser === null) return leaveOut(context, name)
    const worlds = chosen()
    const expected: [string, string][] = []
    for (const world of worlds) expected.push([world.name, await inNode(world)])
    const asks = worlds.map(({ plan, subject: { name } }) => look({ kind: 'built-in', name }, plan))
    const hashes = await inBrowser(asks)
    expect(worlds.map(({ name }, index) => [name, hashes[index]])).toEqual(expected)
  })

  it('has the history that a lesson has in a terminal, for the code of every lesson that the page can run', async (context) => {
    const inBrowser = askIn()
    if (inBrowser === null) return leaveOut(context, name)
    const expected: [string, string][] = []
    const asks: object[] = []
    for (const shown of LESSON_FILES) {
      if (shown.client === 'ioredis') continue
      const lesson = LESSONS.find(({ name }) => shown.name.split('/')[1] === name) as Lesson
      const { lock, cured, storm } = await loadLesson(lesson)
      const { subject } = shown.name.endsWith('cured.js') ? cured : lock
      const plan = planOfWorld(storm, '1', 0, 'direct')
      expected.push([shown.name, await inNode({ name: shown.name, subject, plan })])
      const plain = plainScript(shown.text)
      if (plain.kind === 'wrong') throw new Error(`${shown.name}:${plain.line}: ${plain.problem}`)
      asks.push(look({ kind: 'own', text: shown.text, script: plain.script }, plan))
    }
    // Of the twelve one is about a driver that sends again by itself.
    expect(asks).toHaveLength(22)
    const hashes = await inBrowser(asks)
    expect(expected.map(([name], index) => [name, hashes[index]])).toEqual(expected)
  })

  it('charges a process with what its code throws where nothing catches it, as Node does', async (context) => {
    const inBrowser = askIn()
    if (inBrowser === null) return leaveOut(context, name)
    const exported: { default?: LockDefinition } = {}
    new Function('exports', CARELESS)(exported)
    const subject = lockSubject(exported.default as LockDefinition)
    const [{ plan }] = basePlans(subject, { ...DEFAULT_PARAMETERS, client: 'direct' }).map((plan) => ({ plan })) as [
      World,
    ]
    const world = { name: 'careless', subject, plan }
    const story = await inMacrotask(() => judgeWorld(plan, subject, environment).run.records.map(({ op }) => op))
    expect(story).toContain('ended')
    const code = { kind: 'own', text: CARELESS, script: CARELESS }
    expect(await inBrowser([look(code, plan)])).toEqual([await inNode(world)])
  })

  it('hunts there as it does in Node: the same findings in the same smallest storms', async (context) => {
    const inBrowser = askIn()
    if (inBrowser === null) return leaveOut(context, name)
    const subject = bundledSubjects().find(({ name }) => name === 'nx-plain-del') as Subject
    const [base] = basePlans(subject, { ...DEFAULT_PARAMETERS, client: 'direct', clients: 2, rounds: 1 }) as [Plan]
    const bases = [base]
    const explorer = new Explorer({ subject, environment, bases, isLossy: false })
    const { counterexamples, tally } = await hunt({
      crew: soloCrew(explorer, inMacrotask),
      searches: [levels({ bases, faults: 1, pairBudget: 0 })],
    })
    expect(counterexamples.length).toBeGreaterThan(1)
    const ask = { name: 'hunt', ask: { code: { kind: 'built-in', name: subject.name }, plan: base, faults: 1 } }
    const [hunted] = (await inBrowser([ask])) as [Hunted]
    expect(hunted.tried).toBe(tally.tried)
    expect(hunted.findings.map(({ key, plan }) => ({ key, plan }))).toEqual(
      counterexamples.map(({ key, plan }) => ({ key, plan })),
    )
  })

  it('says what code asks for that a simulated machine does not have', async (context) => {
    const inBrowser = askIn()
    if (inBrowser === null) return leaveOut(context, name)
    const script = "fetch('/')"
    const [{ plan }] = chosen() as [World]
    const [answer] = await inBrowser([look({ kind: 'own', text: script, script }, plan)])
    expect(answer).toBe('it asks for fetch, which a simulated machine does not have')
  })
})
