/**
 * The net under everything else: a world that asks the real host for something which nothing here answers would wait for ever,
 * or see the answer in another world. It is no verdict; it ends the hunt with the name of the call.
 *
 * Node says of each request to its event loop when it begins (`async_hooks`), but listening makes promises slow, so only the
 * first worlds of a process are listened to. Afterwards requests are counted: a world is one synchronous call, so what is
 * there after it and was not before, it has begun. Then it runs again, with an ear open. Some requests are counted nowhere, so
 * what is reported is listened to as well, when its picture is drawn.
 */
import hooks, { AsyncResource, createHook } from 'node:async_hooks'
import channels, { type Channel, type ChannelListener } from 'node:diagnostics_channel'
import type { MeasureOptions } from 'node:perf_hooks'
import { runLoop } from '../sim/node/drain.ts'
import { UsageError } from '../sim/usage-error.ts'
import { running, type World } from '../sim/world.ts'
import { putBackBuiltIns } from './built-ins.ts'
import { dispatch } from './dispatch.ts'
import { asOurselves, countOwnRequests, takeOwnRequests } from './door.ts'
import { closeFiles } from './files.ts'
import { PUT_BEHIND, refusal } from './refuse.ts'

/** Most code does in its first worlds what it ever does. */
const HEARD_WORLDS = 3
/** What the synchronous loop itself empties, and parsers that ask for nothing. */
const HARMLESS = new Set([
  'PROMISE',
  'TickObject',
  'Microtask',
  'Timeout',
  'Immediate',
  'HTTPINCOMINGMESSAGE',
  'HTTPCLIENTREQUEST',
  'ZLIB',
])
/** Calculations, which may be done at once or by a thread: only then they have somebody to tell. */
const CALCULATIONS =
  /^(ARGON2|CHECKPRIME|CIPHER|DERIVEBITS|HASH|HKDF|KEYEXPORT|KEYGEN|KEYPAIRGEN|PBKDF2|RANDOMBYTES|RANDOMPRIME|SCRYPT|SIGN|VERIFY)REQUEST$/

let toBeHeard = HEARD_WORLDS
let isSuspected = false
/** Heard in the world that is running, each with what is said of it if it was not done at once. */
const calculations: { readonly job: { readonly ondone?: unknown }; readonly error: Error }[] = []

const ear = createHook({
  init(_id, type, _trigger, resource) {
    const { process } = running
    if (process === null || HARMLESS.has(type) || resource instanceof AsyncResource) return
    const error = leaving(type)
    if (CALCULATIONS.test(type)) calculations.push({ job: resource, error })
    else process.world.charge(process, error, 'host')
  },
})

const leaving = (type: string): Error =>
  refusal(`a call of Node's (${type})`, 'the simulated world cannot answer it', PUT_BEHIND)

/** Ends what code under test listens with: it hears nothing of the next world. */
const endings: (() => void)[] = []

/** A store as Node has it up to 22; later `enabled` is missing, and there is nothing to end. */
interface Storage {
  readonly enabled?: boolean
  disable(): void
}
type Method = (this: Storage, ...given: readonly unknown[]) => unknown

/** Makes hooks, stores, subscriptions and marks of code under test end with their world. */
export function installHooks(): void {
  dispatch(hooks, 'createHook', (_process, callbacks: Parameters<typeof createHook>[0]) => {
    const hook = asOurselves(() => hooks.createHook(callbacks))
    endings.push(() => hook.disable())
    return hook
  })
  // Up to Node 22 each store that was ever used makes every promise a little slower: after a thousand worlds, the next ones slow.
  const storage = hooks.AsyncLocalStorage.prototype as unknown as Record<'run' | 'enterWith', Method>
  for (const name of ['run', 'enterWith'] as const) {
    const use = storage[name]
    storage[name] = function (this: Storage, ...given: readonly unknown[]) {
      if (running.process !== null && this.enabled === false) endings.push(() => this.disable())
      return Reflect.apply(use, this, given)
    }
  }
  const unused = channels.channel(Symbol('unused'))
  const idle = Object.getPrototypeOf(unused) as Channel
  channels.subscribe(unused.name, () => {})
  // With a subscriber a channel is of another class.
  for (const channel of [idle, Object.getPrototypeOf(unused) as Channel]) {
    const { subscribe } = channel
    channel.subscribe = function (this: Channel, onMessage: ChannelListener) {
      subscribe.call(this, onMessage)
      if (running.process !== null) endings.push(() => this.unsubscribe(onMessage))
    }
  }
  const { mark, measure } = performance
  dispatch(performance, 'mark', ({ monoUs }, name: string, options?: object) => {
    endings.push(() => performance.clearMarks(name))
    return mark.call(performance, name, { startTime: monoUs / 1_000, ...options })
  })
  dispatch(performance, 'measure', ({ monoUs }, name: string, from?: string | MeasureOptions, end?: string) => {
    endings.push(() => performance.clearMeasures(name))
    if (typeof from === 'object')
      return measure.call(performance, name, from.duration !== undefined ? from : { end: monoUs / 1_000, ...from })
    return measure.call(performance, name, { start: from ?? 0, end: end ?? monoUs / 1_000 })
  })
}

/** The next world is listened to. */
export function listen(): void {
  toBeHeard = Math.max(toBeHeard, 1)
}

/** Runs a world to its end; true: it has asked the real host for something, and must run again to be told what. */
export function runOnHost(world: World): boolean {
  const isHeard = toBeHeard > 0
  let ownCount = 0
  if (isHeard) toBeHeard -= 1
  countOwnRequests()
  calculations.length = 0
  const before = process.getActiveResourcesInfo()
  if (isHeard) ear.enable()
  try {
    runLoop(world)
  } catch (error) {
    const replaced = putBackBuiltIns()
    if (replaced === null || error instanceof UsageError) throw error
    throw new UsageError(
      replaced,
      'the code under test has replaced it, and lockstorm cannot go on without it',
      'leave that out of what is under test',
      { cause: error },
    )
  } finally {
    putBackBuiltIns()
    for (const end of endings.splice(0)) end()
    if (isHeard) ear.disable()
    closeFiles()
    ownCount = takeOwnRequests()
  }
  const late = calculations.find(({ job }) => job.ondone !== undefined)
  if (late !== undefined) throw late.error
  const left = begun(before, ownCount)
  if (left === null) return false
  if (isSuspected) throw leaving(left)
  isSuspected = true
  listen()
  return true
}

/** A kind of request that there is more of than before. */
function begun(before: readonly string[], ownCount: number): string | null {
  const now = process.getActiveResourcesInfo()
  if (now.length <= before.length + ownCount) return null
  const rest = [...before]
  for (const type of now) {
    const index = rest.indexOf(type)
    if (index < 0) return type
    rest.splice(index, 1)
  }
  return null
}
