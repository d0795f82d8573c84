/**
 * Loading a file of the user's: in a simulated process, or in a throwaway one of a throwaway world, to see what is in it.
 *
 * That world has a Redis of its own, so that a file which connects when it is loaded, and waits for it, can be loaded.
 */
import path from 'node:path'
import { callSite } from '../../host/call-site.ts'
import { machineOf } from '../../host/machine.ts'
import { Modules } from '../../host/modules/modules.ts'
import { ParseError } from '../../host/modules/source.ts'
import { runOnHost } from '../../host/watch.ts'
import { Network } from '../../net/network.ts'
import { REDIS_PORT } from '../../server/ports.ts'
import { RedisNode } from '../../server/redis-node.ts'
import { EPOCH_US } from '../../sim/clock.ts'
import { inMacrotask } from '../../sim/node/drain.ts'
import type { SimProcess } from '../../sim/process.ts'
import { readThrown } from '../../sim/thrown.ts'
import { UsageError } from '../../sim/usage-error.ts'
import { World } from '../../sim/world.ts'
// Makes this process a host, before anything of the user's is loaded.
import { memoryProvider } from '../../world/node/environment.ts'
import type { Exports } from '../exported-subjects.ts'

/** A file that waits longer than this when it is loaded waits for ever. */
const LIMITS = { events: 20_000, virtualUs: 60_000_000, records: 20_000 }
const LATENCY = { minUs: 100, maxUs: 100 }

/** What a file exports in a simulated process; called in a turn of that process. */
export const importIn = async (process: SimProcess, absolute: string): Promise<Exports> =>
  (await machineOf(process).modules.import(absolute)) as Exports

/** What a file of settings exports, which is no part of what is simulated. */
export async function importFile(shown: string, absolute: string): Promise<Exports> {
  try {
    return (await new Modules(globalThis).import(absolute)) as Exports
  } catch (error) {
    throw importError(shown, absolute, error)
  }
}

/**
 * What a file exports, looked at in a world of its own.
 * @param shown the file as the user wrote it
 * @throws UsageError with the line that does not parse or throws, or that asks for what no world can give
 */
export async function loadFile(shown: string, absolute: string): Promise<Exports> {
  for (;;) {
    const loading = new Loading(absolute)
    if (await inMacrotask(() => loading.run())) continue
    const { outcome } = loading
    if (outcome === null) throw new UsageError(shown, 'it is never loaded: a top-level await does not settle')
    if ('error' in outcome) throw importError(shown, absolute, outcome.error)
    return outcome.exports
  }
}

class Loading {
  outcome: { readonly exports: Exports } | { readonly error: unknown } | null = null
  readonly #world = new World('load', LIMITS)

  constructor(absolute: string) {
    const world = this.#world
    const network = new Network(world, LATENCY)
    network.substitute = { host: 'redis-1', port: REDIS_PORT }
    new RedisNode(
      world.addProcess('redis-1'),
      network,
      memoryProvider().node('redis-1', { seed: 'load', nowUs: EPOCH_US }),
    )
    const process = world.addProcess('A')
    world.onUncaught = (_process, error) => this.#end({ error })
    world.schedule(0, process, 'timer', () => {
      importIn(process, absolute).then(
        (exports) => this.#end({ exports }),
        (error: unknown) => this.#end({ error }),
      )
    })
  }

  run(): boolean {
    return runOnHost(this.#world)
  }

  #end(outcome: NonNullable<Loading['outcome']>): void {
    this.outcome ??= outcome
    this.#world.stop()
  }
}

function importError(shown: string, absolute: string, error: unknown): UsageError {
  if (error instanceof ParseError) {
    const { file, line, column, message } = error
    const place = `${file === absolute ? shown : file}:${line}:${column}`
    return new UsageError(place, `it does not parse: ${message}`, '', { cause: error })
  }
  const { message, stack, code } = readThrown(error)
  if (code === 'MODULE_NOT_FOUND') {
    const [first = message] = message.split('\n')
    return new UsageError(shown, `it cannot be loaded: ${first}`, 'npm install it, or correct the path', {
      cause: error,
    })
  }
  const place = throwerIn(stack, shown, absolute)
  // An import is called as `(0 , _lockstorm.defineLock)` in what runs.
  const told = message.replace(/\(0 , _\w+\.(\w+)\)/g, '$1')
  return new UsageError(place, `it throws when it is loaded: ${told}`, variableFix(told), { cause: error })
}

/** A variable of the environment that an error names and that is not set: `.env` files are read by the code itself, or not. */
function variableFix(told: string): string {
  const name = told.match(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b/g)?.find((word) => process.env[word] === undefined)
  if (name === undefined) return ''
  const value = /URL|URI/.test(name) ? 'redis://localhost:6379' : '…'
  return `set it for the hunt: ${name}=${value} npx lockstorm …; every host leads into the simulated world`
}

/** The innermost line of the user's own: of the file itself, or of what it imports. */
function throwerIn(stack: string, shown: string, absolute: string): string {
  const site = callSite(stack)
  const isOwn = site === null || site.includes('node_modules') || path.resolve(site.replace(/:\d+$/, '')) === absolute
  return isOwn ? `${shown}${positionIn(stack, absolute)}` : site
}

/**
 * `:2` of the innermost line of a stack that lies in the file; empty when none does. Without the column: what runs is the file
 * with its types taken out, which keeps lines only.
 */
function positionIn(stack: string, absolute: string): string {
  const line = stack.split('\n').find((candidate) => candidate.includes(`${absolute}:`))
  return /(:\d+):\d+\)?$/.exec(line ?? '')?.[1] ?? ''
}
