/**
 * What a worker runs: loads what its job is about and what answers, then does one item after the other until it is ended.
 */
import { workerData } from 'node:worker_threads'
import { basePlans } from '../explore/base-plan.ts'
import { Explorer } from '../explore/explorer.ts'
import { runCell } from '../scenario/cell.ts'
import { loadScenarios } from '../scenario/node/find-scenarios.ts'
import { checkDrivers, outlineOf, type Pairing, pairingsOf } from '../scenario/suite.ts'
import { assert, assertNever } from '../sim/assert.ts'
import { UsageError } from '../sim/usage-error.ts'
import { refuse, Slot, serve } from '../worker/node/serve.ts'
// Installs virtual time, before any code of the user's.
import { nodeEnvironment } from '../world/node/environment.ts'
import type { Answer, HuntJob, HuntOpening, Job, Request, SuiteJob, SuiteOpening } from './job.ts'
import { startProvider } from './provider.ts'
import { allSubjects, type LoadApi, oneSubject, onlySubjects, vocabularyOf } from './subjects.ts'

const loadApi: LoadApi = async () => ({ ...(await import('../index.ts')) })

async function beginSuite(job: SuiteJob, life: Slot): Promise<void> {
  const { words, lockFiles, only, choice, seed, client, runs } = job
  const all = await allSubjects(lockFiles, loadApi)
  const subjects = onlySubjects(all, only)
  const scenarios = loadScenarios(words, vocabularyOf(all))
  const pairings = pairingsOf(scenarios, subjects)
  if (pairings.length === 0) {
    throw new UsageError(
      '--only',
      'no scenario has anything to run: session stores go with carts, locks with everything else',
      'lockstorm list scenarios',
    )
  }
  const { provider, warning } = await startProvider(choice)
  const options = {
    seed,
    client,
    environment: nodeEnvironment(client, provider),
    ...(runs === null ? {} : { runs }),
    onWorld: (world: number) => life.begin(world),
    shouldStop: () => life.shouldStop,
  }
  checkDrivers(pairings, options)
  serve<SuiteOpening, Request, Answer>({
    opening: { outline: outlineOf(scenarios, subjects, options), warning },
    close: () => provider.close(),
    answer({ item, losses: [loss] }) {
      assert(item.kind === 'cell', 'a suite is made of cells')
      const { scenario, subject } = pairings[item.index] as Pairing
      const lost = loss === undefined ? {} : { lost: { world: loss.ordinal, reason: loss.reason } }
      return runCell(scenario, subject, { ...options, ...lost })
    },
  })
}

async function beginHunt({ lock, only, choice, parameters }: HuntJob, life: Slot): Promise<void> {
  const subject = await oneSubject(lock, only, loadApi)
  const { provider, warning } = await startProvider(choice)
  const bases = basePlans(subject, parameters)
  const explorer = new Explorer({
    subject,
    environment: nodeEnvironment(parameters.client, provider),
    bases,
    isLossy: parameters.isLossy,
    onStorm(ordinal) {
      life.begin(ordinal)
      // What comes of this unit is not wanted any more.
      if (life.shouldStop) throw new Error('stopped')
    },
  })
  serve<HuntOpening, Request, Answer>({
    opening: {
      subject: { name: subject.name, kind: subject.kind },
      bases,
      redis: provider.description,
      redisKind: provider.kind,
      isDeterministic: provider.deterministic,
      warning,
    },
    close: () => provider.close(),
    answer({ item, losses }) {
      switch (item.kind) {
        case 'unit':
          return explorer.run(item.unit, { losses })
        case 'story':
          return explorer.tell(item.plan)
        case 'cell':
          throw new Error('a hunt has no cells')
        default:
          return assertNever(item)
      }
    },
  })
}

const { job, slot } = workerData as { readonly job: Job; readonly slot: Int32Array }
const begun = job.kind === 'suite' ? beginSuite(job, new Slot(slot)) : beginHunt(job, new Slot(slot))
begun.catch(refuse)
