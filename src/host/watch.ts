/**
 * The net under everything else: a world that asks the real host for something which nothing here answers would wait for ever,
 * or see the answer in another world. It is no verdict; it ends the hunt with the name of the call.
 *
 * Node says of each request to its event loop when it begins (`async_hooks`), but listening makes promises slow, so only the
 * first worlds of a process are listened to. Afterwards requests are counted: a world is one synchronous call, so what is
 * there after it and was not before, it has begun. Then it runs again, with an ear open.
 */
import { AsyncResource, createHook } from 'node:async_hooks'
import { runLoop } from '../sim/node/drain.ts'
import { running, type World } from '../sim/world.ts'
import { takeOwnRequests } from './door.ts'
import { closeFiles } from './files.ts'
import { refusal } from './refuse.ts'

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
const FIX = 'put it behind a function that the code under test is given, and give it another one here'

let heardCount = 0
let mustHear = false

const ear = createHook({
  init(_id, type, _trigger, resource) {
    const { process } = running
    if (process === null || HARMLESS.has(type) || resource instanceof AsyncResource) return
    process.world.charge(process, leaving(type), 'host')
  },
})

const leaving = (type: string): Error =>
  refusal(`a call of Node's (${type})`, 'the simulated world cannot answer it', FIX)

/** Runs a world to its end; true: it has asked the real host for something, and must run again to be told what. */
export function runOnHost(world: World): boolean {
  const isHeard = mustHear || heardCount < HEARD_WORLDS
  heardCount += 1
  takeOwnRequests()
  const before = process.getActiveResourcesInfo()
  if (isHeard) ear.enable()
  try {
    runLoop(world)
  } finally {
    if (isHeard) ear.disable()
    closeFiles()
  }
  const left = begun(before)
  if (left === null) return false
  if (mustHear) throw leaving(left)
  mustHear = true
  return true
}

/** A kind of request that there is more of than before. */
function begun(before: readonly string[]): string | null {
  const now = process.getActiveResourcesInfo()
  if (now.length <= before.length + takeOwnRequests()) return null
  const rest = [...before]
  for (const type of now) {
    const index = rest.indexOf(type)
    if (index < 0) return type
    rest.splice(index, 1)
  }
  return null
}
