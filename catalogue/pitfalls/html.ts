/**
 * The pitfalls as a page: each that a run shows as a story to step through, beside what passes the same storm; the others in words.
 *
 * Invariants
 * - What is drawn is what the run does now: a pitfall that no longer shows, or whose cure fails, is an error.
 */
import type { Violation } from '../../src/check/verdict.ts'
import { addressOf, type Pitfall, type Run, type ShownPitfall } from '../../src/pitfall/pitfall.ts'
import { label, PITFALLS, SHOWN } from '../../src/pitfall/registry.ts'
import { EMPTY_PAGE, type PageLink, type PageSection, type PageStory } from '../../src/report/page/page-data.ts'
import { adviceIn, pageViolation } from '../../src/report/page/page-violation.ts'
import { pitfallsOf } from '../../src/report/page/pitfalls.ts'
import type { StoryPage } from '../../src/report/page/story-page.ts'
import { faultInWords } from '../../src/scenario/fault-words.ts'
import { planOfWorld } from '../../src/scenario/scenario.ts'
import { inMacrotask } from '../../src/sim/node/drain.ts'
import { inLanguages, type Language } from '../../src/text/language.ts'
import { tellViolation } from '../../src/words/told-violation.ts'
import { ENGINE_VERSION } from '../../src/world/engine-version.ts'
import { judgeWorld, tellWorld } from '../../src/world/judged-world.ts'
import { memoryProvider, nodeEnvironment } from '../../src/world/node/environment.ts'
import type { Plan } from '../../src/world/plan.ts'
import type { Environment } from '../../src/world/run-world.ts'
import type { Story } from '../../src/world/story-data.ts'
import { commandOf, SEED, scenarioOf, subjectOf } from './running.ts'

/** Runs every pitfall. */
export async function pitfallsPage(links: readonly PageLink[]): Promise<StoryPage> {
  const worlds: Story[] = []
  const stories: PageStory[] = []
  for (const pitfall of SHOWN) stories.push(await storyOf(pitfall, worlds))
  const data = {
    ...EMPTY_PAGE,
    kind: 'pitfalls' as const,
    engine: ENGINE_VERSION,
    title: { en: 'Pitfalls', zh: '陷阱' },
    lead: {
      en: `${PITFALLS.length} ways in which locks and sessions on Redis break, each with the people who met it. ${SHOWN.length} of them are shown by a run: step through it, and see beside it what comes through the same storm.`,
      zh: `锁和会话在 Redis 上出错的 ${PITFALLS.length} 种方式，每种都注明遇到过它的人。其中 ${SHOWN.length} 种由一次运行展示：可以逐步查看，旁边是同一场风暴中没有出错的写法。`,
    },
    links,
    stories,
    sections: [unshown(), met()],
    pitfalls: pitfallsOf(stories),
    footer: {
      en: '`docs/pitfalls.md` says the same in words.',
      zh: '`docs/pitfalls.md` 用文字表达同样的内容（英文）。',
    },
  }
  return { data, worlds }
}

async function storyOf(pitfall: ShownPitfall, worlds: Story[]): Promise<PageStory> {
  const { shows, cure, kind, name } = pitfall
  const { plan, story, violations } = await shownIn(pitfall)
  const [own] = violations
  const cured = cure.storm === shows.storm && cure.client === shows.client ? await curedIn(plan, cure) : null
  return {
    id: label(pitfall),
    subject: shows.subject,
    place: name,
    word: kind,
    isExpected: true,
    violations: violations.map((one) => pageViolation(tellViolation(one), '')),
    world: worlds.push(story) - 1,
    cured: cured === null ? null : { subject: cure.subject, world: worlds.push(cured) - 1 },
    advice: own === undefined ? null : adviceIn(own),
    cures: [],
    storm: plan.faults.map((fault) => ({ words: faultInWords(fault), note: '' })),
    facts: [label(pitfall)],
    told: '',
    replay: `npx ${commandOf(shows, cure)}`,
    files: [],
    pitfalls: [label(pitfall)],
  }
}

interface Shown {
  readonly plan: Plan
  readonly violations: readonly Violation[]
  readonly story: Story
}

/** Without the line of code that sent each message, which no page shows and which takes longest to find. */
function drawn(client: Plan['client']): Environment {
  const { site: _, ...environment } = nodeEnvironment(client, memoryProvider())
  return environment
}

/** The first world of a run in which the pitfall shows. */
async function shownIn(pitfall: ShownPitfall): Promise<Shown> {
  const { shows, property, kind } = pitfall
  const scenario = scenarioOf(shows)
  const subject = await subjectOf(shows)
  const client = shows.client ?? 'ioredis'
  const environment = drawn(client)
  for (let world = 0; world < scenario.runs; world += 1) {
    const plan = planOfWorld(scenario, SEED, world, client)
    const { verdict } = (await inMacrotask(() => judgeWorld(plan, subject, environment))).judgement
    const violations = verdict.status === 'violated' ? verdict.violations : []
    const own = violations.find((one) => one.property === property && one.kind === kind)
    if (own === undefined) continue
    const story = await inMacrotask(() => tellWorld(plan, subject, environment))
    return { plan, violations: [own, ...violations.filter((one) => one !== own)], story }
  }
  throw new Error(`${label(pitfall)} no longer shows in ${shows.storm}`)
}

/** The cure in the world that shows the pitfall; null: it is broken there, too, in another way than the pitfall. */
async function curedIn(plan: Plan, cure: Run): Promise<Story | null> {
  const subject = await subjectOf(cure)
  const environment = drawn(plan.client)
  const { verdict } = (await inMacrotask(() => judgeWorld(plan, subject, environment))).judgement
  return verdict.status === 'valid' ? inMacrotask(() => tellWorld(plan, subject, environment)) : null
}

const unshown = (): PageSection => ({
  title: { en: 'Not shown by a run yet', zh: '还没有由运行展示的' },
  parts: [
    {
      kind: 'list',
      items: PITFALLS.flatMap((pitfall) =>
        pitfall.notShown === undefined
          ? []
          : [
              {
                en: `**${label(pitfall)} ${pitfall.name}** – ${pitfall.mechanism} Not shown: ${pitfall.notShown}.`,
                zh: `**${label(pitfall)} ${pitfall.nameZh}** – ${pitfall.mechanismZh}没有展示：${pitfall.notShownZh}。`,
              },
            ],
      ),
    },
  ],
})

const nameIn = (pitfall: Pitfall, language: Language, citation: string): string =>
  language === 'en'
    ? `${label(pitfall)} ${pitfall.name}: ${citation}`
    : `${label(pitfall)} ${pitfall.nameZh}：${citation}`

/** Who met them, where there is something to open. */
const met = (): PageSection => ({
  title: { en: 'Who met them', zh: '谁遇到过它们' },
  parts: [
    {
      kind: 'links',
      links: PITFALLS.flatMap((pitfall: Pitfall) =>
        pitfall.citations.flatMap((citation) => {
          const address = addressOf(citation)
          return address === null
            ? []
            : [{ title: inLanguages((language) => nameIn(pitfall, language, citation)), address }]
        }),
      ),
    },
  ],
})
