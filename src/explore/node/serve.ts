/**
 * The worker's side of a crew: runs one unit after the other, and says which storm it is in.
 */
import { type MessagePort, parentPort } from 'node:worker_threads'
import { assert } from '../../sim/assert.ts'
import { inMacrotask } from '../../sim/node/drain.ts'
import { Explorer, type ExplorerOptions } from '../explorer.ts'
import type { Answer, Opening, Request } from './messages.ts'

/** Answers requests until the worker is ended. `slot` is where it says which storm it is in. */
export function serveCrew(opening: Opening, options: Omit<ExplorerOptions, 'onStorm'>, slot: Int32Array): void {
  const port = portOfWorker()
  const explorer = new Explorer({
    ...options,
    onStorm(ordinal) {
      Atomics.store(slot, 1, ordinal)
      Atomics.add(slot, 0, 1)
    },
  })
  const reply = (answer: Answer): void => port.postMessage(answer)
  port.on('message', (request: Request) => {
    inMacrotask((): Answer => {
      if (request.kind === 'tell') return { kind: 'story', story: explorer.tell(request.plan) }
      if (request.kind === 'plan') return { kind: 'plan', plan: explorer.planAt(request.unit, request.ordinal) }
      const { unit, known, skipped } = request
      return { kind: 'result', result: explorer.run(unit, new Set(known), new Set(skipped)) }
    }).then(reply, (error: unknown) => reply({ kind: 'error', error: told(error) }))
  })
  reply({ kind: 'opening', opening })
}

/** Says that a worker cannot begin, and why. */
export const refuse = (error: unknown): void => portOfWorker().postMessage({ kind: 'error', error: told(error) })

function portOfWorker(): MessagePort {
  assert(parentPort !== null, 'a member of a crew is a worker')
  return parentPort
}

/** What structured cloning leaves of an error, with the name and the fields that it drops. */
function told(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const { name, message, stack } = error
  return { ...error, name, message, stack }
}
