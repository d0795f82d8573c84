/**
 * The first world of a subject of the user's: one client, nothing goes wrong. It says whether the set-up is right, and which keys
 * the lock uses. A set-up that is wrong is never a verdict.
 */
import { basePlans, type HuntParameters } from '../explore/base-plan.ts'
import { variantOf } from '../lock/lock.ts'
import type { ServerProvider } from '../server/server.ts'
import { inMacrotask } from '../sim/node/drain.ts'
import { clientOf, type Subject } from '../subject/subject.ts'
import { LOCK_KEY } from '../workload/locking.ts'
import { memoryProvider, nodeEnvironment } from '../world/node/environment.ts'
import { runWorld, type WorldRun } from '../world/run-world.ts'
import { EyedProvider } from './eyed-provider.ts'
import { learnKeys } from './learn-keys.ts'
import { sessionError } from './session-error.ts'
import { type FirstWorld, setUpError } from './set-up-error.ts'
import { type Call, witnessed } from './witness.ts'

/** Real servers that lockstorm runs itself: all of their keys may be looked at. */
const OWN_SERVERS = ['server', 'container']

export interface TrialGround {
  readonly provider: ServerProvider
  readonly hosts: Readonly<Record<string, string>>
}

export interface TriedOut {
  /** With the keys that were learned, if it did not say itself which it uses. */
  readonly subject: Subject
  /** The keys that were learned; empty: those that it says, or the one of the context. */
  readonly keys: readonly string[]
}

/**
 * Tries a subject out.
 * @param ground what answers in the hunt, asked when the in-memory Redis lacks a command, and to which names
 * @throws UsageError when it cannot be tested
 */
export async function tryOut(
  subject: Subject,
  parameters: HuntParameters,
  { provider, hosts }: TrialGround,
): Promise<TriedOut> {
  const first = await firstWorld(subject, parameters, { provider: memoryProvider(), hosts })
  const world =
    first.unknownCommand !== null && OWN_SERVERS.includes(provider.kind)
      ? await firstWorld(subject, parameters, { provider, hosts })
      : first
  const error = subject.kind === 'lock' ? setUpError(world) : sessionError(world)
  if (error !== null) throw error
  return subject.kind === 'lock' && subject.lock.keys === undefined ? withKeys(subject, world) : { subject, keys: [] }
}

async function firstWorld(
  subject: Subject,
  parameters: HuntParameters,
  { provider, hosts }: TrialGround,
): Promise<FirstWorld & { readonly run: WorldRun }> {
  const calls: Call[] = []
  const eyed = new EyedProvider(provider, () => calls.splice(0))
  const client = clientOf(subject, parameters.client)
  const environment = nodeEnvironment(client, eyed.provider, hosts)
  const [plan] = basePlans(subject, subject.kind === 'lock' ? { ...parameters, clients: 1 } : parameters)
  if (plan === undefined) throw new Error(`no workload takes a ${subject.kind}`)
  const scene = { keys: () => eyed.keys(), sentCount: () => eyed.sentCount }
  const run = await inMacrotask(() => runWorld(plan, witnessed(subject, calls, scene), environment))
  return { name: subject.name, calls, unknownCommand: eyed.unknownCommand, run }
}

/** A lock that uses the key of the context is watched there, whatever else it writes. */
function withKeys(subject: Subject & { readonly kind: 'lock' }, { calls }: FirstWorld): TriedOut {
  const { keys, written } = learnKeys(calls)
  if (keys.length === 0 || written.includes(LOCK_KEY)) return { subject, keys: [] }
  return { subject: usingKeys(subject, keys), keys }
}

function usingKeys(subject: Subject & { readonly kind: 'lock' }, learned: readonly string[]): Subject {
  const keys = (key: string): readonly string[] => learned.map((name) => name.replaceAll(LOCK_KEY, key))
  return { ...subject, lock: variantOf(subject.lock, { keys }) }
}
