/**
 * What a worker of a hunt runs: loads the subject and what answers, then serves units until it is ended.
 */
import { workerData } from 'node:worker_threads'
import { basePlans, type HuntParameters } from '../explore/base-plan.ts'
import { Explorer } from '../explore/explorer.ts'
import type { Answer, Opening, Request } from '../explore/node/messages.ts'
import { refuse, Slot, serve } from '../worker/node/serve.ts'
// Installs virtual time, before any code of the user's.
import { nodeEnvironment } from '../world/node/environment.ts'
import { type ProviderChoice, startWorkerProvider } from './provider.ts'
import { oneSubject } from './subjects.ts'

/** What a worker is given. */
export interface HuntWorkerData {
  /** A lock file, or the name of a built-in subject. */
  readonly lock: string
  readonly only: readonly string[]
  readonly choice: ProviderChoice
  readonly parameters: HuntParameters
}

async function begin(data: HuntWorkerData & { readonly slot: Int32Array }): Promise<void> {
  const { lock, only, choice, parameters, slot } = data
  const subject = await oneSubject(lock, only)
  const { provider, warning } = await startWorkerProvider(choice)
  const bases = basePlans(subject, parameters)
  const opening = {
    subject: { name: subject.name, kind: subject.kind },
    bases,
    redis: provider.description,
    redisKind: provider.kind,
    isDeterministic: provider.deterministic,
    warning,
  }
  const environment = nodeEnvironment(parameters.client, provider)
  const life = new Slot(slot)
  const explorer = new Explorer({
    subject,
    environment,
    bases,
    isLossy: parameters.isLossy,
    onStorm(ordinal) {
      life.begin(ordinal)
      // Nobody waits for this unit any more.
      if (life.shouldStop) throw new Error('stopped')
    },
  })
  serve<Opening, Request, Answer>({
    opening,
    close: () => provider.close(),
    answer(request) {
      if (request.kind === 'tell') return { kind: 'story', story: explorer.tell(request.plan) }
      if (request.kind === 'plan') return { kind: 'plan', plan: explorer.planAt(request.unit, request.ordinal) }
      const { unit, skipped } = request
      return { kind: 'result', result: explorer.run(unit, new Set(skipped)) }
    },
  })
}

begin(workerData as HuntWorkerData & { readonly slot: Int32Array }).catch(refuse)
