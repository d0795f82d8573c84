/**
 * The user's own code in the worker: what is in the editor, made a subject as `--lock FILE` makes one of a file.
 *
 * It runs only inside worlds, in the name of simulated processes, each of which evaluates it anew: two clients share nothing that two
 * machines could not. What it may import is lockstorm, `ioredis` (a class whose clients reach the first Redis node, whatever address
 * they are given) and the random ids of `node:crypto`. The worker's own ways out (requests, messages, storage) are gone before it runs.
 */
import { createDirectRedis, type DirectRedis } from '../client/direct.ts'
import { defineLeader } from '../leader/leader.ts'
import { defineLock } from '../lock/lock.ts'
import type { Address } from '../net/names.ts'
import type { Network } from '../net/network.ts'
import { defineQueue } from '../queue/job-queue.ts'
import { defineReadWriteLock } from '../read-write/read-write-lock.ts'
import { type Exports, subjectsOf } from '../scenario/exported-subjects.ts'
import { defineSessionApp } from '../session/session-app.ts'
import { defineSessionStore } from '../session/session-store.ts'
import { UsageError } from '../sim/usage-error.ts'
import { running } from '../sim/world.ts'
import type { Subject } from '../subject/subject.ts'

/** What the code is called in messages, and in the command that replays it. */
export const OWN_FILE = 'my-lock.ts'

/** A line of it on a stack. The two lines above it are those of the function that it is made. */
const LINE = new RegExp(`${OWN_FILE.replace('.', '\\.')}:(\\d+)`)
const LINES_ABOVE = 2

/** The line of the user's that is running, `my-lock.ts:12`; null: there is none on the stack. */
export function ownSite(): string | null {
  const line = LINE.exec(new Error('where').stack ?? '')?.[1]
  return line === undefined ? null : `${OWN_FILE}:${Number(line) - LINES_ABOVE}`
}

/** `new Redis('redis://anything')` in a simulated process. */
const Redis = (): DirectRedis => {
  const { process } = running
  if (process === null) throw new UsageError(OWN_FILE, 'a client is made when the lock is: there is no Redis before')
  const network = process.world.network as Network
  return createDirectRedis(process, network, network.substitute as Address)
}

const MODULES: Readonly<Record<string, Exports>> = {
  lockstorm: { defineLock, defineQueue, defineLeader, defineReadWriteLock, defineSessionStore, defineSessionApp },
  ioredis: { default: Redis, Redis },
  'node:crypto': { randomUUID: () => crypto.randomUUID() },
}

function required(name: string): Exports {
  const module = MODULES[name] ?? MODULES[`node:${name}`]
  if (module !== undefined) return module
  const there = Object.keys(MODULES).join(', ')
  throw new UsageError(
    OWN_FILE,
    `there is no ${name} here: a page has ${there}`,
    'lockstorm hunt runs it in a terminal',
  )
}

/** Evaluates the code once. */
function evaluate(script: string): Exports {
  const exported = {}
  // The constructor of functions is how a page runs a text; the policy of the page allows it to the worker for this alone.
  new Function('exports', 'require', `'use strict';${script}\n//# sourceURL=${OWN_FILE}`)(exported, required)
  return exported
}

/**
 * The first subject of the code.
 * @throws UsageError when there is none; whatever the code throws
 */
export function ownSubject({ text, script }: { readonly text: string; readonly script: string }): Subject {
  const read = { file: OWN_FILE, name: OWN_FILE.replace('.ts', ''), text }
  const of = (): Subject => subjectsOf(read, evaluate(script))[0] as Subject
  return { ...of(), file: OWN_FILE, reach: 'all', in: of }
}

/** What leads out of a worker. */
const WAYS_OUT = [
  'fetch',
  'XMLHttpRequest',
  'WebSocket',
  'EventSource',
  'WebTransport',
  'importScripts',
  'indexedDB',
  'caches',
  'BroadcastChannel',
  'Worker',
  'postMessage',
  'close',
] as const

/** Takes them away, for good. */
export function closeWaysOut(): void {
  for (const name of WAYS_OUT) {
    Object.defineProperty(globalThis, name, {
      get: () => {
        throw new UsageError(OWN_FILE, `it asks for ${name}, which a simulated machine does not have`)
      },
    })
  }
}
