/**
 * The worker's side: answers one request after the other, and gives signs of life.
 */
import { type MessagePort, parentPort } from 'node:worker_threads'
import { assert } from '../../sim/assert.ts'
import { inMacrotask } from '../../sim/node/drain.ts'
import { runSteps, type Steps } from '../../sim/steps.ts'
import { LOADED, type Message, NOISE, ORDINAL, type Order, PRINTED, SIGN_OF_LIFE, STOP } from '../messages.ts'

/** The memory that a worker shares with its supervisor; it comes as `slot` with the worker's data. */
export class Slot {
  readonly #places: Int32Array

  constructor(places: Int32Array) {
    this.#places = places
  }

  /** Says that it is alive, and what it is at. */
  begin(ordinal: number): void {
    Atomics.store(this.#places, ORDINAL, ordinal)
    Atomics.add(this.#places, SIGN_OF_LIFE, 1)
  }

  /** Says that what it works on is loaded: from now on it may not be silent for as long as loading takes. */
  loaded(): void {
    Atomics.store(this.#places, LOADED, 1)
    this.begin(0)
  }

  /** Counts a line that the code under test printed. */
  printed(isNoise: boolean): void {
    Atomics.add(this.#places, isNoise ? NOISE : PRINTED, 1)
  }

  /** Whether it should come to an end. */
  get shouldStop(): boolean {
    return Atomics.load(this.#places, STOP) !== 0
  }
}

export interface Service<Opening, Request, Answer> {
  /** What it says when it is ready. */
  readonly opening: Opening
  /** Each step runs at the bottom of a macrotask, where worlds can run. */
  readonly answer: (request: Request) => Steps<Answer>
  /** What it cleans up before it is ended. */
  readonly close: () => Promise<void>
}

/** Answers requests until the worker is ended. */
export function serve<Opening, Request, Answer>(service: Service<Opening, Request, Answer>): void {
  const port = portOfWorker()
  const say = (message: Message<Opening, Answer>): void => port.postMessage(message)
  const obey = async (order: Order<Request>): Promise<Message<Opening, Answer>> => {
    if (order.kind === 'ask')
      return { kind: 'answer', answer: await runSteps(service.answer(order.request), inMacrotask) }
    await service.close()
    return { kind: 'closed' }
  }
  // One after the other: an order that comes between two steps waits for the last of them.
  let last = Promise.resolve()
  port.on('message', (order: Order<Request>) => {
    last = last.then(() => obey(order)).then(say, (error: unknown) => say({ kind: 'error', error: told(error) }))
  })
  say({ kind: 'opening', opening: service.opening })
}

/** Says that a worker cannot begin, and why. */
export const refuse = (error: unknown): void => portOfWorker().postMessage({ kind: 'error', error: told(error) })

function portOfWorker(): MessagePort {
  assert(parentPort !== null, 'this module is run by a worker')
  return parentPort
}

/** What structured cloning leaves of an error, with the name and the fields that it drops. */
function told(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const { name, message, stack } = error
  return { ...error, name, message, stack }
}
