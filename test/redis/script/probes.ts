/**
 * Runs the same scripts on the in-memory Redis and on a real one and compares every byte of the replies.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MemoryRedis } from '../../../src/redis/memory-redis.ts'
import { loadLuaEngine } from '../../../src/redis/script/node/load.ts'
import { encodeCommand, type RealConnection, RealRedis } from '../real-redis.ts'

/** A script without keys and arguments, or one with them. */
export type Probe =
  | string
  | { readonly script: string; readonly keys?: readonly string[]; readonly argv?: readonly string[] }

/** The EVAL of a probe. */
export function evalOf(probe: Probe): readonly string[] {
  if (typeof probe === 'string') return ['EVAL', probe, '0']
  const { script, keys = [], argv = [] } = probe
  return ['EVAL', script, String(keys.length), ...keys, ...argv]
}

/** One connection to each of the two servers. */
export class Both {
  readonly #real: RealRedis
  readonly #reality: RealConnection
  #bytes = ''
  readonly #memory = new MemoryRedis({ nowUs: () => 1_700_000_000_000_000, scripts: loadLuaEngine() }).connect({
    onBytes: (bytes) => {
      this.#bytes += bytes
    },
  })

  private constructor(real: RealRedis, reality: RealConnection) {
    this.#real = real
    this.#reality = reality
  }

  static async start(): Promise<Both> {
    const real = await RealRedis.start()
    return new Both(real, await real.connect())
  }

  async run(command: readonly string[]): Promise<{ readonly memory: string; readonly reality: string }> {
    return { memory: this.memoryOnly(command), reality: await this.#reality.command(...command) }
  }

  /** What the in-memory Redis answers, for what the real one must not be asked. */
  memoryOnly(command: readonly string[]): string {
    this.#bytes = ''
    this.#memory.receive(encodeCommand(command))
    return this.#bytes
  }

  /** Both answer the same. */
  async same(command: readonly string[]): Promise<void> {
    const { memory, reality } = await this.run(command)
    expect(memory, command.join(' ')).toBe(reality)
  }

  async stop(): Promise<void> {
    this.#reality.close()
    await this.#real.stop()
  }
}

/** A suite with one test per probe, each on an empty database; `resp` is the protocol of the connection. */
export function compareProbes(title: string, probes: readonly Probe[], resp: 2 | 3 = 2): void {
  describe(title, () => {
    let both: Both
    beforeAll(async () => {
      both = await Both.start()
      if (resp === 3) await both.run(['HELLO', '3'])
    })
    afterAll(() => both.stop())

    it.each(probes.map((probe) => [typeof probe === 'string' ? probe : probe.script, probe] as const))(
      '%s',
      async (_, probe) => {
        await both.same(['FLUSHALL'])
        await both.same(evalOf(probe))
      },
    )
  })
}
