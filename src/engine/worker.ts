/**
 * What a worker runs: loads what its job is about and what answers, then does one item after the other until it is ended.
 */
import { workerData } from 'node:worker_threads'
import { asOurselves } from '../host/door.ts'
import { printing } from '../host/printing.ts'
import type { ReplayedWorld } from '../report/replay/replay-report.ts'
import { assert, assertNever } from '../sim/assert.ts'
import { oneStep } from '../sim/steps.ts'
import type { LossReason } from '../worker/messages.ts'
import { refuse, Slot, serve } from '../worker/node/serve.ts'
import { lostViolation } from '../world/lost-world.ts'
import type { Plan } from '../world/plan.ts'
import type {
  Answer,
  HuntJob,
  HuntOpening,
  Job,
  ReplayJob,
  ReplayOpening,
  Request,
  SuiteJob,
  SuiteOpening,
} from './job.ts'
import { allSubjects, type LoadApi, oneSubject } from './load-subjects.ts'
import { type Ground, type Open, openHunt, openOn, openReplay, openSuite } from './open.ts'
import { asGiven, type Trial, triedOut } from './trial.ts'

interface WorkerData {
  readonly job: Job
  /** Whether what is the user's is tried out before anything else. */
  readonly isTried: boolean
  /** Whether what it prints is said as it comes. */
  readonly isVerbose: boolean
  readonly slot: Int32Array
}

const loadApi: LoadApi = async () => ({ ...(await import('../index.ts')) })

/** Opens something in this thread, where only lockstorm opens real sockets. */
const openHere = <What extends object>(
  { choice }: Job,
  open: (ground: Ground) => What | Promise<What>,
): Promise<Open<What>> => openOn(choice, open, true)

async function beginSuite(job: SuiteJob, life: Slot, trial: Trial): Promise<void> {
  const suite = await openHere(job, async (started) =>
    openSuite(
      await allSubjects(job.lockFiles, loadApi),
      started,
      job,
      { onWorld: (world) => life.begin(world), shouldStop: () => life.shouldStop },
      trial,
    ),
  )
  serve<SuiteOpening, Request, Answer>({
    opening: suite.opening,
    close: () => suite.close(),
    answer({ item, losses: [loss] }) {
      assert(item.kind === 'cell', 'a suite is made of cells')
      return suite.runCell(item.index, loss === undefined ? loss : { world: loss.ordinal, reason: loss.reason })
    },
  })
}

async function beginHunt(job: HuntJob, life: Slot, trial: Trial): Promise<void> {
  const { lock, only, parameters } = job
  const { opening, explorer, close } = await openHere(job, async (started) =>
    openHunt(
      await oneSubject(lock, only, loadApi),
      started,
      parameters,
      (ordinal) => {
        life.begin(ordinal)
        // What comes of this unit is not wanted any more.
        if (life.shouldStop) throw new Error('stopped')
      },
      trial,
    ),
  )
  serve<HuntOpening, Request, Answer>({
    opening,
    close,
    answer: ({ item, losses }) =>
      oneStep(() => {
        switch (item.kind) {
          case 'unit':
            return explorer.run(item.unit, { losses })
          case 'first-storm':
            return explorer.firstStorm(item.unit)
          case 'story':
            return explorer.tell(item.plan, item.repair)
          case 'cell':
          case 'world':
            throw new Error(`a hunt has no ${item.kind}`)
          default:
            return assertNever(item)
        }
      }),
  })
}

async function beginReplay(job: ReplayJob, life: Slot, trial: Trial): Promise<void> {
  const { word, files, lockFiles, redisVersion } = job
  const { opening, run, tell, close } = await openHere(job, async (started) =>
    openReplay(word, files, redisVersion, await allSubjects(lockFiles, loadApi), started, trial),
  )
  serve<ReplayOpening, Request, Answer>({
    opening,
    close,
    answer: ({ item, losses: [loss] }) =>
      oneStep(() => {
        life.begin(0)
        assert(item.kind === 'world' || item.kind === 'story', 'a replay is one world')
        if (item.kind === 'story') return tell()
        return loss === undefined ? run() : lostWorld(opening.plan, loss.reason)
      }),
  })
}

/** A world that no worker survives, as far as it can be told. */
const lostWorld = (plan: Plan, reason: LossReason): ReplayedWorld => ({
  plan,
  verdict: { status: 'violated', violations: [lostViolation(reason)] },
  sometimes: [],
  historyHash: '',
  records: [],
  hosts: {},
  readings: [],
})

function begin(job: Job, life: Slot, trial: Trial): Promise<void> {
  switch (job.kind) {
    case 'suite':
      return beginSuite(job, life, trial)
    case 'hunt':
      return beginHunt(job, life, trial)
    case 'replay':
      return beginReplay(job, life, trial)
    default:
      return assertNever(job)
  }
}

const { job, isTried, isVerbose, slot } = workerData as WorkerData
const life = new Slot(slot)
printing.hear = (line, isNoise) => {
  life.printed(isNoise)
  if (isVerbose) asOurselves(() => process.stderr.write(`${line}\n`))
}
const trial: Trial = (...given) => {
  life.loaded()
  return isTried ? triedOut(...given) : asGiven(...given)
}
begin(job, life, trial).catch(refuse)
