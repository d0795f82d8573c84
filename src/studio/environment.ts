/**
 * The environment of worlds in a browser's worker: virtual globals, the awaiting loop, the direct client, and the in-memory Redis with
 * its Lua engine.
 *
 * Importing this file installs the virtual globals: it must come before any code under test.
 *
 * A browser cannot be told to empty its queue of microtasks, so the loop awaits a task after each turn: the answer to a message
 * that it sends to itself, which costs some microseconds (a timer would cost milliseconds).
 */
import { directDriver } from '../client/driver.ts'
import { createLuaEngine } from '../redis/script/lua-engine.ts'
import { compileLua } from '../redis/script/lua-wasm.ts'
import { createMemoryProvider } from '../server/memory.ts'
import { assert } from '../sim/assert.ts'
import { installVirtualGlobals } from '../sim/virtual-globals.ts'
import { running, type World } from '../sim/world.ts'
import type { AwaitingLoop, Environment } from '../world/environment.ts'

installVirtualGlobals()

const { port1: here, port2: there } = new MessageChannel()
const waiting: (() => void)[] = []
here.onmessage = () => waiting.shift()?.()

/** Resolves in a later task, when all microtasks have run. */
const nextTask = (): Promise<void> =>
  new Promise((resolve) => {
    waiting.push(resolve)
    there.postMessage(null)
  })

/**
 * One task for the microtasks of the turn, and one for what the browser tells of them: that a promise was rejected and nothing waits
 * for it is an event of its own, queued behind the first.
 */
const afterTurn = async (): Promise<void> => {
  await nextTask()
  await nextTask()
}

/** What is thrown where nothing catches it is charged to the process whose turn is running, as in Node. */
function chargeUncaught(): void {
  const charge = (event: Event, error: unknown, origin: string): void => {
    const { process } = running
    if (process === null) return
    event.preventDefault()
    process.world.charge(process, error, origin)
  }
  addEventListener('error', (event) => charge(event, event.error, 'uncaughtException'))
  addEventListener('unhandledrejection', (event) => charge(event, event.reason, 'unhandledRejection'))
}

chargeUncaught()

/** An environment for worlds with the direct client; `lua` is the module of the package wasmoon-lua5.1. */
export const browserEnvironment = (lua: Uint8Array): Environment<AwaitingLoop> => ({
  provider: createMemoryProvider(createLuaEngine(compileLua(lua))),
  driver: directDriver,
  driverFor: (client) => {
    assert(client === 'direct', `code that needs the client ${client} is refused before it runs`)
    return directDriver
  },
  loop: (world: World) => world.runAwaiting(afterTurn),
})
