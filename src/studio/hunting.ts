/**
 * A hunt in the page: the searches and explanations of `explore/`, with worlds that take many tasks.
 *
 * `explore/` is written for hosts that run a world at once. Here what it does is begun anew whenever it asks for a world that has not
 * been run: that one is run, and by the next attempt it is there. What a unit does depends on the unit and its worlds alone, so each
 * attempt comes as far as the last one, and one world further. Worlds are kept for as long as their unit lasts.
 */
import { checkOf } from '../check/registry.ts'
import type { Counterexample } from '../explore/counterexample.ts'
import type { Crew } from '../explore/crew.ts'
import { Explorer } from '../explore/explorer.ts'
import type { Finding } from '../explore/finding.ts'
import { type Explored, hunt } from '../explore/hunt.ts'
import { levels } from '../explore/search.ts'
import type { TimedSite } from '../explore/site.ts'
import type { ResultOf, Unit } from '../explore/unit.ts'
import { describeFault } from '../fault/planned-fault.ts'
import { describeAnchor } from '../scenario/anchor.ts'
import { formatUs } from '../sim/units.ts'
import type { Subject } from '../subject/subject.ts'
import { tellViolation } from '../words/told-violation.ts'
import type { AwaitingLoop, Environment } from '../world/environment.ts'
import { type JudgedWorld, judgeWorldAwaiting } from '../world/judged-world.ts'
import type { Plan } from '../world/plan.ts'
import type { Hunted, HuntFinding } from './protocol.ts'

/** A world that was run, with what its storm's watch was told. */
interface SeenWorld {
  readonly world: JudgedWorld
  readonly seen: readonly (TimedSite | 'strike')[]
}

/** Thrown to where the task was begun: this world is to be run first. */
class NotYet {
  readonly run: () => Promise<void>
  constructor(run: () => Promise<void>) {
    this.run = run
  }
}

/** Worlds by their plans, run when they are asked for. */
class Worlds {
  readonly #known = new Map<string, SeenWorld>()
  readonly #environment: Environment<AwaitingLoop>
  readonly #isStopped: () => boolean

  constructor(environment: Environment<AwaitingLoop>, isStopped: () => boolean) {
    this.#environment = environment
    this.#isStopped = isStopped
  }

  /** An environment for code that wants a world at once. */
  readonly environment = (): Environment => ({
    ...this.#environment,
    loop: () => {
      throw new Error('worlds of a page are run by who awaits them')
    },
    judge: (plan, subject, { watch }) => {
      const key = `${subject.name} ${JSON.stringify(plan)}`
      const known = this.#known.get(key)
      if (known === undefined) throw new NotYet(() => this.#run(key, plan, subject))
      for (const each of known.seen) {
        if (each === 'strike') watch?.onStrike()
        else watch?.onSite(each.site, each.process, each.count, each.atUs)
      }
      return known.world
    },
  })

  async #run(key: string, plan: Plan, subject: Subject): Promise<void> {
    const seen: (TimedSite | 'strike')[] = []
    const world = await judgeWorldAwaiting(plan, subject, {
      ...this.#environment,
      watch: {
        onSite(site, process, count, atUs) {
          if (site === 'send' || site === 'reply') seen.push({ process, site, count, atUs })
        },
        onStrike: () => void seen.push('strike'),
      },
    })
    this.#known.set(key, { world, seen })
  }

  /** What a task comes to when all worlds that it asks for are there; null: it was stopped before that. */
  async await<Result>(task: () => Result): Promise<Result | null> {
    for (;;) {
      try {
        return task()
      } catch (thrown) {
        if (!(thrown instanceof NotYet)) throw thrown
        if (this.#isStopped()) return null
        await thrown.run()
      }
    }
  }

  forget(): void {
    this.#known.clear()
  }
}

/** How many storms of two faults are run where not all are. */
const PAIR_BUDGET = 400
/** How often the page is told how far it is, in storms. */
const NOTE_EVERY = 10

export interface HuntOptions {
  readonly plan: Plan
  readonly faults: 1 | 2
  readonly isStopped: () => boolean
  readonly note: (hunted: Hunted) => void
}

/** Hunts from the calm of a plan: every order and other latencies, then each fault at each message, then two. */
export async function huntFrom(
  subject: Subject,
  environment: Environment<AwaitingLoop>,
  { plan, faults, isStopped, note }: HuntOptions,
): Promise<Hunted> {
  const bases: readonly Plan[] = [{ ...plan, scenario: 'hunt', faults: [] }]
  let isSearching = true
  const worlds = new Worlds(environment, () => isSearching && isStopped())
  const explorer = new Explorer({ subject, environment: worlds.environment(), bases, isLossy: false })
  let stop: () => void = () => undefined
  const interrupted = new Promise<void>((resolve) => {
    stop = resolve
  })
  const run = async <Of extends Unit>(unit: Of): Promise<ResultOf<Of['kind']>> => {
    if (isSearching && isStopped()) stop()
    const result = await worlds.await(() => explorer.run(unit) as ResultOf<Of['kind']>)
    worlds.forget()
    return result ?? { kind: 'given-up', lost: [] }
  }
  // A page has one thread: units wait for each other.
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <Result>(task: () => Promise<Result>): Promise<Result> => {
    const mine = last.then(task)
    last = mine.catch(() => undefined)
    return mine
  }
  const crew: Crew = {
    size: 1,
    run: (unit) => inTurn(() => run(unit)),
    replay: async (plans) => {
      const result = await inTurn(() => run({ kind: 'given', plans }))
      return result.kind === 'given' ? result.hashes : plans.map(() => null)
    },
    tell: () => Promise.resolve(null),
    firstStorm: () => Promise.resolve(null),
    abandon: async () => {
      // What was begun ends by itself: it is asked before each world.
      await last
      isSearching = false
    },
  }
  const found: Finding[] = []
  let told = 0
  const searches = [levels({ bases, faults: faults === 1 ? 1 : null, pairBudget: PAIR_BUDGET })]
  const outcome = await hunt({
    crew,
    searches,
    interrupted,
    onFinding: (finding) => void found.push(finding),
    onProgress: ({ tried }, planned) => {
      if (tried < told + NOTE_EVERY && found.length === 0) return
      told = tried
      note({ tried, planned, findings: found.map((each) => findingOf(each)), claim: null })
    },
  })
  return {
    tried: outcome.tally.tried,
    planned: null,
    findings: outcome.counterexamples.map((each) => findingOf(each)),
    claim: claimText(outcome),
  }
}

/** What was tried, in words. */
function claimText({ searched, stoppedBy, tally }: Explored): string {
  const [{ claim } = { claim: null }] = searched
  const many = `${tally.tried} storms`
  if (stoppedBy === 'interrupt') return `Stopped after ${many}.`
  if (claim?.kind !== 'levels' || claim.upTo === null) return `${many}.`
  if (claim.upTo === 0) return `All storms without faults, and some with: ${many}.`
  return `All storms of up to ${claim.upTo === 1 ? 'one fault' : `${claim.upTo} faults`}: ${many}.`
}

function findingOf(found: Finding | Counterexample): HuntFinding {
  const { violation, plan, key } = found
  return {
    key,
    kind: violation.kind,
    heading: checkOf(violation.property).heading,
    sentence: tellViolation(violation).sentence,
    plan,
    storm: plan.faults.map(
      (fault) =>
        `${describeFault(fault)}, ${fault.at.kind === 'time' ? 'at ' : ''}${describeAnchor(fault.at, formatUs)}`,
    ),
    cures: 'cures' in found ? found.cures.filter(({ outcome }) => outcome === 'cured').map(({ advice }) => advice) : [],
  }
}
