/** A process that stands still in the middle of what it does. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { installVirtualNet } from '../../src/client/node/virtual-net.ts'
import { Network } from '../../src/net/network.ts'
import { inMacrotask, runLoop } from '../../src/sim/node/drain.ts'
import { installVirtualModules } from '../../src/sim/node/virtual-modules.ts'
import { World } from '../../src/sim/world.ts'
import { stalledTurn, TURNS, type Turn } from './stalled-turn.ts'

installVirtualModules()
installVirtualNet()

const MS = 1000

describe('the order after a pause is that of a real event loop that stood still', () => {
  const real = new Map<boolean, Record<Turn, readonly string[]>>()

  beforeAll(async () => {
    const program = fileURLToPath(new URL('stalled-turn-in-node.ts', import.meta.url))
    await Promise.all(
      [true, false].map(async (setsTimer) => {
        const argument = setsTimer ? 'sets a timer' : 'sets none'
        const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'jiti/register', program, argument])
        real.set(setsTimer, JSON.parse(stdout) as Record<Turn, readonly string[]>)
      }),
    )
  })

  /** The same program in a simulated process, paused instead of blocked. */
  async function simulated(turn: Turn, setsTimer: boolean): Promise<readonly string[]> {
    const world = new World('pause')
    const network = new Network(world, { minUs: 50, maxUs: 50 })
    network.listen(world.addProcess('echo'), (endpoint) => ({
      onMessage: (message) => endpoint.send(message),
      onClose: () => {},
    }))
    const process = world.addProcess('A')
    const { connect } = await import('node:net')
    let log: readonly string[] = []
    world.schedule(0, process, 'timer', async () => {
      log = await stalledTurn(turn, setsTimer, {
        connect: () =>
          new Promise((resolve) => {
            const socket = connect(1, 'echo', () =>
              resolve({
                write: (text) => socket.write(text),
                onText: (listener) => socket.on('data', (bytes) => listener(String(bytes))),
              }),
            )
          }),
        stop: () => process.pause(350 * MS),
      })
    })
    await inMacrotask(() => runLoop(world))
    return log
  }

  it.each(TURNS.flatMap((turn) => [true, false].map((setsTimer) => ({ turn, setsTimer }))))(
    'stopped in a turn of: $turn (sets a timer afterwards: $setsTimer)',
    async ({ turn, setsTimer }) => {
      const expected = real.get(setsTimer)?.[turn] as readonly string[]
      // Everything that piled up is there, so that the comparison compares something.
      expect(expected).toEqual(expect.arrayContaining(['timer 150', 'timer 165', 'data request', 'immediate, set before']))
      expect(await simulated(turn, setsTimer)).toEqual(expected)
    },
  )
})
