/**
 * Worlds for the page: runs a plan and says what came of it, and how much of it may change before something else does.
 */

import { judge } from '../check/judge.ts'
import { findingKey, rankOf } from '../check/rank.ts'
import { checkOf } from '../check/registry.ts'
import type { Verdict } from '../check/verdict.ts'
import { faultsAt, type MenuOptions } from '../explore/menu.ts'
import type { TimedSite } from '../explore/site.ts'
import { stormText } from '../explore/storm-text.ts'
import type { PlannedFault } from '../fault/fault.ts'
import { describeFault, effectsOf, kindOf, processesOf } from '../fault/planned-fault.ts'
import { History } from '../history/history.ts'
import { describeAnchor } from '../scenario/anchor.ts'
import { encodeStormToken } from '../scenario/token.ts'
import { formatUs } from '../sim/units.ts'
import { definitionOf, type Subject } from '../subject/subject.ts'
import type { CellWord } from '../text/status-word.ts'
import { tellViolation } from '../words/told-violation.ts'
import { workloadOf } from '../workload/registry.ts'
import { castOf, namesOf } from '../world/cast.ts'
import type { AwaitingLoop, Environment } from '../world/environment.ts'
import { judgeWorldAwaiting } from '../world/judged-world.ts'
import type { Plan } from '../world/plan.ts'
import { runWorldAwaiting, type WorldRun } from '../world/run-world.ts'
import { type SeenMessage, storyOf } from '../world/story.ts'
import type { FaultLook, FaultSize, Look, MessageLook, Slack, Turn } from './protocol.ts'

/** Runs one plan and looks at all of it; `calm`: what is run of a subject that the plan is not for. */
export async function look(
  asked: Plan,
  subject: Subject,
  environment: Environment<AwaitingLoop>,
  calm: (subject: Subject) => Plan,
): Promise<Look> {
  const isFitting = workloadOf(asked.workload).takes === subject.kind
  const plan = isFitting ? asked : calm(subject)
  const messages: SeenMessage[] = []
  const sites: TimedSite[] = []
  const site = subject.file === undefined ? undefined : environment.site
  const run = await runWorldAwaiting(plan, subject, {
    ...environment,
    onMessage: (message) => messages.push({ ...message, site: site?.() ?? null }),
    watch: {
      onSite(site, process, count, atUs) {
        if (site === 'send' || site === 'reply') sites.push({ process, site, count, atUs })
      },
      onStrike() {},
    },
  })
  const history = new History(run)
  const { verdict } = judge(history)
  const story = storyOf(history, messages, run.plan)
  const { title = '' } = definitionOf(subject)
  const cast = castOf(run.plan)
  return {
    plan: run.plan,
    instead: isFitting ? null : plan,
    subject: { name: subject.name, kind: subject.kind, title, understood: subject.understood ?? null },
    word: wordOf(verdict),
    reason: verdict.status === 'unknown' ? verdict.reason : verdict.status === 'vacuous' ? verdict.missing : null,
    violations: worstFirst(verdict).map((violation) => ({
      ...tellViolation(violation),
      heading: checkOf(violation.property).heading,
    })),
    story,
    historyHash: run.historyHash,
    token: tokenOf(plan, subject),
    faults: faultLooks(plan, run),
    messages: messageLooks(story.messages, sites, run.plan),
    clocks: [...namesOf(cast, 'client'), ...namesOf(cast, 'redis')],
  }
}

const worstFirst = (verdict: Verdict) =>
  verdict.status === 'violated' ? [...verdict.violations].sort((a, b) => rankOf(a) - rankOf(b)) : []

function wordOf(verdict: Verdict): CellWord {
  if (verdict.status !== 'violated') return verdict.status
  return verdict.violations.some(({ kind }) => kind === 'bug') ? 'bug' : 'limit'
}

/** Of what no hunt does there is no token. */
const tokenOf = (plan: Plan, { name }: Subject): string | null =>
  workloadOf(plan.workload).hunts === undefined
    ? null
    : encodeStormToken({
        storm: stormText(plan),
        subject: name,
        client: plan.client,
        redis: 'memory',
        seed: plan.seed,
      })

/** The faults of a plan, and when each struck. */
function faultLooks(plan: Plan, { struck, records }: WorldRun): readonly FaultLook[] {
  const strikes = records.filter(({ type, op }) => type === 'fault' && op !== 'healed')
  return plan.faults.map((fault) => {
    const index = struck.indexOf(fault)
    const [effect] = effectsOf(fault)
    const kind = effect?.kind
    return {
      fault,
      words: describeFault(fault),
      at: describeAnchor(fault.at, formatUs),
      struckUs: index < 0 ? null : (strikes[index]?.atUs ?? null),
      size: sizeOf(fault, plan),
      does: kind === 'stops' || kind === 'delays-message' || kind === 'moves-clock' ? kind : 'other',
      processes: processesOf(fault),
    }
  })
}

/** A fault is not made longer than so many leases, or four times what it is, whichever is more. */
const LEASES_MAX = 8

function sizeOf(fault: PlannedFault, { ttlMs }: Plan): FaultSize | null {
  const { size: key } = kindOf(fault)
  if (key === undefined) return null
  const us = fault.settings[key] as number
  const isSigned = effectsOf(fault).some(({ kind }) => kind === 'moves-clock')
  return { key, us, isSigned, maxUs: Math.max(LEASES_MAX * ttlMs * 1_000, 4 * Math.abs(us)) }
}

/** Menus as for the first fault of a storm on a Redis that keeps what it acknowledged. */
const MENU: MenuOptions = { isSecond: false, isLossy: false }

/** What a fault can be anchored at among the messages of a story: a client's sends, and the replies that it sees. */
function messageLooks(
  messages: Look['story']['messages'],
  sites: readonly TimedSite[],
  plan: Plan,
): readonly (MessageLook | null)[] {
  const taken = new Set<TimedSite>()
  const clients = new Set(namesOf(castOf(plan), 'client'))
  return messages.map(({ from, to, sentUs, arrivedUs, lost }) => {
    const isRequest = clients.has(from)
    const process = isRequest ? from : to
    const atUs = isRequest ? sentUs : arrivedUs
    const found = lost
      ? undefined
      : sites.find(
          (each) =>
            each.process === process &&
            each.site === (isRequest ? 'send' : 'reply') &&
            each.atUs === atUs &&
            !taken.has(each),
        )
    if (found === undefined) return null
    taken.add(found)
    const { site, count } = found
    return {
      process,
      direction: isRequest ? 'request' : 'reply',
      at: { kind: 'site', process, site, count },
      faults: menuAt(found, plan),
    }
  })
}

/** Each kind of fault once, in the size over the lease. */
function menuAt(site: TimedSite, plan: Plan): MessageLook['faults'] {
  const found = new Map<string, PlannedFault>()
  for (const fault of faultsAt([site], plan, MENU)) {
    const key = `${fault.kind} ${processesOf(fault).join()}`
    const { size } = kindOf(fault)
    const us = size === undefined ? 0 : (fault.settings[size] as number)
    // Just over the lease: of the sizes that are tried, the one that tells most.
    if (!found.has(key) || (us > plan.ttlMs * 1_000 && us < 2 * plan.ttlMs * 1_000)) found.set(key, fault)
  }
  return [...found.values()].map((fault) => ({ fault, words: describeFault(fault) }))
}

/** What a world comes to, as far as a range of sizes is one in which nothing changes. */
interface Outcome {
  readonly key: string
  readonly word: CellWord
  readonly sentence: string | null
}

/** Sizes that are tried beside each other are so far apart; below ten of the coarser ones, the finer. */
const COARSE_US = 1_000
const FINE_US = 100

/**
 * The range of sizes of a fault around the one that it has in which the same is violated for the same cause. Looks away from it in
 * steps that double, then halves the last step.
 *
 * Does not model  what comes and goes between two sizes that were tried.
 */
export async function slack(
  plan: Plan,
  index: number,
  subject: Subject,
  environment: Environment<AwaitingLoop>,
  isDropped: () => boolean,
): Promise<Slack> {
  const fault = plan.faults[index] as PlannedFault
  const size = sizeOf(fault, plan)
  if (size === null) return { fromUs: 0, untilUs: 0, below: null, above: null, worlds: 0 }
  const { key, us, isSigned, maxUs } = size
  const known = new Map<number, Outcome>()
  const outcomeAt = async (atUs: number): Promise<Outcome> => {
    const before = known.get(atUs)
    if (before !== undefined) return before
    const changed = { ...fault, settings: { ...fault.settings, [key]: atUs } }
    // Of no size it is no fault.
    const faults = atUs === 0 ? plan.faults.toSpliced(index, 1) : plan.faults.with(index, changed)
    const { judgement } = await judgeWorldAwaiting({ ...plan, faults }, subject, environment)
    const outcome = outcomeOf(judgement.verdict)
    known.set(atUs, outcome)
    return outcome
  }
  const here = (await outcomeAt(us)).key
  const isSame = async (atUs: number): Promise<boolean> => (await outcomeAt(atUs)).key === here
  const edge = async (direction: 1 | -1, endUs: number): Promise<{ edgeUs: number; turn: Turn | null }> => {
    const stepUs = Math.abs(us) < 10 * COARSE_US ? FINE_US : COARSE_US
    let sameUs = us
    let otherUs: number | null = null
    for (let farUs = stepUs; sameUs !== endUs && !isDropped(); farUs *= 2) {
      const triedUs = direction > 0 ? Math.min(endUs, us + farUs) : Math.max(endUs, us - farUs)
      if (!(await isSame(triedUs))) {
        otherUs = triedUs
        break
      }
      sameUs = triedUs
    }
    if (otherUs === null) return { edgeUs: sameUs, turn: null }
    while (Math.abs(otherUs - sameUs) > stepUs && !isDropped()) {
      const middleUs: number = sameUs + Math.round((otherUs - sameUs) / 2 / stepUs) * stepUs
      if (middleUs === sameUs || middleUs === otherUs) break
      if (await isSame(middleUs)) sameUs = middleUs
      else otherUs = middleUs
    }
    const { word, sentence } = await outcomeAt(otherUs)
    return { edgeUs: sameUs, turn: { atUs: otherUs, word, sentence } }
  }
  const down = await edge(-1, isSigned ? -maxUs : 0)
  const up = await edge(1, maxUs)
  return { fromUs: down.edgeUs, untilUs: up.edgeUs, below: down.turn, above: up.turn, worlds: known.size }
}

function outcomeOf(verdict: Verdict): Outcome {
  const [worst] = worstFirst(verdict)
  return {
    key: worst === undefined ? verdict.status : findingKey(worst),
    word: wordOf(verdict),
    sentence: worst === undefined ? null : tellViolation(worst).sentence,
  }
}
