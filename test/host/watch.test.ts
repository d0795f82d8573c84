/**
 * What a simulated process asks its host for is answered in its turn, or ends the world with the call and its line: it is never
 * taken for a promise that the code under test left open.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { createHash, pbkdf2Sync, scryptSync } from 'node:crypto'
import { Resolver } from 'node:dns'
import { createReadStream } from 'node:fs'
import { opendir, readFile } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { describe, expect, it, vi } from 'vitest'
import { installHost } from '../../src/host/install.ts'
import { listen, runOnHost } from '../../src/host/watch.ts'
import { inMacrotask } from '../../src/sim/node/drain.ts'
import { UsageError } from '../../src/sim/usage-error.ts'
import { World } from '../../src/sim/world.ts'

installHost()

const FILE = import.meta.filename
/** An empty module. */
const WASM = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])
const assembly = (globalThis as unknown as { WebAssembly: Record<string, (bytes: Uint8Array) => Promise<unknown>> })
  .WebAssembly

/** What a program comes to that runs in a process of a world; `open`: to nothing. Again when it has to be listened to. */
async function run(program: () => Promise<unknown>): Promise<unknown> {
  for (;;) {
    const world = new World('watch')
    const self = world.addProcess('A')
    let outcome: unknown = 'open'
    world.schedule(0, self, 'timer', () => {
      program().then(
        (value) => {
          outcome = value
        },
        (error: unknown) => {
          outcome = error
        },
      )
    })
    if (!(await inMacrotask(() => runOnHost(world)))) return outcome
  }
}

const ANSWERED: Readonly<Record<string, () => Promise<unknown>>> = {
  'a file that is read': async () => (await readFile(FILE, 'utf8')).length > 0,
  'a stream of a file': async () => {
    await pipeline(createReadStream(FILE), createHash('sha1'))
    return true
  },
  'a calculation that is done at once': async () => scryptSync('a', 'b', 16).length === 16,
  'a calculation with a callback': async () => {
    const { scrypt } = await import('node:crypto')
    return ((await promisify(scrypt)('a', 'b', 16)) as Buffer).equals(scryptSync('a', 'b', 16))
  },
  'a digest of Web Crypto': async () => (await crypto.subtle.digest('SHA-256', WASM)).byteLength === 32,
  'WebAssembly that is compiled': async () => (await assembly.compile?.(WASM)) !== undefined,
  'WebAssembly that is instantiated': async () => (await assembly.instantiate?.(WASM)) !== undefined,
  'what is typed: nothing': async () => {
    const typed: unknown[] = []
    for await (const bytes of process.stdin) typed.push(bytes)
    return typed.length === 0
  },
}

const UNFORESEEN: Readonly<Record<string, readonly [type: string, program: () => Promise<unknown>]>> = {
  'a resolver of its own': [
    'DNSCHANNEL',
    () => new Promise((resolve) => new Resolver().resolve4('example.com', resolve)),
  ],
  'a folder that stays open': ['DIRHANDLE', async () => (await opendir('.')).read()],
  'the text of a blob': ['BLOBREADER', () => new Blob(['x']).text()],
}

describe('within the turn that asked comes', () => {
  it.each(Object.entries(ANSWERED))('%s', async (_, program) => {
    expect(await run(program)).toBe(true)
  })
})

describe('an answer of the thread for Web Crypto', () => {
  /** So many that there is something to wait for. */
  const ITERATIONS = 200_000
  const derive = async (): Promise<boolean> => {
    const key = await crypto.subtle.importKey('raw', WASM, 'PBKDF2', false, ['deriveBits'])
    const bits = await crypto.subtle.deriveBits(
      { name: 'PBKDF2', hash: 'SHA-256', salt: WASM, iterations: ITERATIONS },
      key,
      256,
    )
    return Buffer.from(bits).equals(pbkdf2Sync(WASM, WASM, ITERATIONS, 32, 'sha256'))
  }

  it('is waited for, though the wake-up of the one before may come late', async () => {
    expect(await run(derive)).toBe(true)
    const wait = vi.spyOn(Atomics, 'wait').mockReturnValueOnce('ok')
    expect(await run(derive)).toBe(true)
    expect(wait.mock.calls.length).toBeGreaterThan(1)
    wait.mockRestore()
  })
})

describe('with the type of the request and the line the world ends at', () => {
  it.each(Object.entries(UNFORESEEN))('%s', async (_, [type, program]) => {
    listen()
    const error = await run(program).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(UsageError)
    expect(String(error)).toMatch(/watch\.test\.ts:\d+/)
    expect(String(error)).toContain(type)
  })

  it('also when it is counted and no world is listened to', async () => {
    for (let world = 0; world < 5; world += 1) expect(await run(async () => world)).toBe(world)
    const error = await run(async () => (await opendir('.')).read()).catch((thrown: unknown) => thrown)
    expect(String(error)).toMatch(/watch\.test\.ts:\d+: a call of Node's \(DIRHANDLE\)/)
  })
})

describe('a store that is passed on to what follows', () => {
  const isOn = (store: object): unknown => Reflect.get(store, 'enabled') ?? false

  it('works in a world, and slows no later one', async () => {
    const stores: AsyncLocalStorage<number>[] = []
    const program = async (): Promise<unknown> => {
      const [ran, entered] = [new AsyncLocalStorage<number>(), new AsyncLocalStorage<number>()]
      stores.push(ran, entered)
      entered.enterWith(2)
      const seen = await ran.run(1, async () => {
        await Promise.resolve()
        return ran.getStore()
      })
      return [seen, ran.getStore(), entered.getStore()]
    }
    expect(await run(program)).toEqual([1, undefined, 2])
    expect(await run(program)).toEqual([1, undefined, 2])
    expect(stores.map(isOn)).toEqual([false, false, false, false])
  })

  it('that its caller uses stays as it was', async () => {
    const store = new AsyncLocalStorage<string>()
    await store.run('mine', async () => {
      expect(await run(async () => store.run('theirs', () => store.getStore()))).toBe('theirs')
      expect(store.getStore()).toBe('mine')
    })
  })
})
