/**
 * A world from its plan, run and judged: what suites and hunts are made of.
 */
import { type Judgement, judge } from '../check/judge.ts'
import { History } from '../history/history.ts'
import type { Subject } from '../subject/subject.ts'
import type { AwaitingLoop } from './environment.ts'
import type { Plan } from './plan.ts'
import { type Environment, runWorld, runWorldAwaiting, type WorldRun } from './run-world.ts'
import { type SeenMessage, storyOf } from './story.ts'
import type { Story } from './story-data.ts'

/** One world and its verdict. */
export interface JudgedWorld {
  readonly run: WorldRun
  readonly history: History
  readonly judgement: Judgement
}

/** Runs and judges one world. */
export function judgeWorld(plan: Plan, subject: Subject, environment: Environment): JudgedWorld {
  return environment.judge?.(plan, subject, environment) ?? judged(runWorld(plan, subject, environment))
}

/** The same where the host has no synchronous drain. */
export const judgeWorldAwaiting = async (
  plan: Plan,
  subject: Subject,
  environment: Environment<AwaitingLoop>,
): Promise<JudgedWorld> => judged(await runWorldAwaiting(plan, subject, environment))

function judged(run: WorldRun): JudgedWorld {
  const history = new History(run)
  return { run, history, judgement: judge(history) }
}

/** The same world once more, with an ear on the network and on the host: its story for reports. */
export function tellWorld(plan: Plan, subject: Subject, environment: Environment): Story {
  const messages: SeenMessage[] = []
  environment.listen?.()
  // A message that leaves in the turn in which it is sent has its line on the stack. What comes with lockstorm has no line of a user's,
  // and looking for one in a hundred frames is slow.
  const site = subject.speaks === undefined ? environment.site : undefined
  const onMessage = (message: SeenMessage): void => {
    messages.push({ ...message, site: site?.() ?? null })
  }
  const run = runWorld(plan, subject, { ...environment, onMessage })
  return storyOf(new History(run), messages, run.plan, environment.workloads)
}
