/** Requests and replies over one connection of objects. */
import { describe, expect, it } from 'vitest'
import { Channel, ConnectionError } from '../../src/client/channel.ts'
import { installHost } from '../../src/host/install.ts'
import { Network } from '../../src/net/network.ts'
import { inMacrotask, runLoop } from '../../src/sim/node/drain.ts'
import type { SimProcess } from '../../src/sim/process.ts'
import { World } from '../../src/sim/world.ts'

installHost()

interface Scene {
  readonly world: World
  readonly network: Network
  readonly client: SimProcess
  readonly channel: Channel<number>
  readonly received: unknown[]
}

const same = (reply: number): number => reply

/** A server that answers each request with its double; `later` requests are answered together with the next one. */
async function play(main: (scene: Scene, say: (...values: unknown[]) => void) => Promise<void>): Promise<unknown[]> {
  const world = new World('channel')
  const network = new Network(world, { minUs: 100, maxUs: 100 })
  const client = world.addProcess('A')
  const received: unknown[] = []
  network.listen(world.addProcess('B'), 1, (endpoint) => {
    const waiting: number[] = []
    return {
      onMessage: (message) => {
        const { value, isLater } = message as { value: number; isLater?: boolean }
        received.push(value)
        waiting.push(value * 2)
        if (isLater !== true) endpoint.send(waiting.splice(0))
      },
      onClose: () => received.push('closed'),
    }
  })
  const said: unknown[] = []
  const channel = new Channel<number>(client, network, { host: 'B', port: 1 })
  world.schedule(0, client, 'timer', () => {
    main({ world, network, client, channel, received }, (...values) => said.push(values)).catch((error) =>
      said.push(error),
    )
  })
  await inMacrotask(() => runLoop(world))
  return said
}

const outcome = (promise: Promise<unknown>): Promise<unknown> =>
  promise.catch((error) => `${(error as ConnectionError).code} ${(error as ConnectionError).definite}`)

describe('a channel', () => {
  it('opens its connection with the first request and matches replies in order', async () => {
    const said = await play(async ({ channel, network, client }, say) => {
      const requests = [1, 2, 3].map((value) => channel.request({ value }, same))
      say(network.endpointsOf(client).length)
      say(await Promise.all(requests), await channel.request({ value: 4 }, same))
    })
    expect(said).toEqual([[1], [[2, 4, 6], 8]])
  })

  it('takes several replies out of one message, and several replies for one request', async () => {
    const said = await play(async ({ channel }, say) => {
      const first = channel.request({ value: 1, isLater: true }, same)
      say(await Promise.all([first, channel.request({ value: 2 }, same)]))
      const both = channel.request({ value: 3, isLater: true }, same, 2)
      channel.onPush = (reply) => reply === 10
      // The double of 5 is a push: it belongs to nobody. The double of 4 is the second reply to the request before it.
      const next = channel.request({ value: 5, isLater: true }, same)
      channel.request({ value: 4, isLater: true }, same).catch(() => {})
      const last = channel.request({ value: 6 }, same)
      say(await both, await next)
      say(await Promise.race([last, new Promise((resolve) => setTimeout(resolve, 10, 'no reply is left'))]))
    })
    expect(said).toEqual([[[2, 4]], [8, 12], ['no reply is left']])
  })

  it('rejects with what the conversion throws, and goes on', async () => {
    const said = await play(async ({ channel }, say) => {
      const failing = channel.request({ value: 1 }, (reply) => {
        throw new RangeError(`refused ${reply}`)
      })
      say(await failing.catch((error: Error) => error.message), await channel.request({ value: 2 }, same))
    })
    expect(said).toEqual([['refused 2', 4]])
  })

  it('tells what may have been applied from what was never sent', async () => {
    const said = await play(async ({ channel, network, client, received }, say) => {
      await channel.open()
      const sent = outcome(channel.request({ value: 1 }, same))
      network.reset(network.endpointsOf(client)[0] as never)
      say(await sent)
      network.setRefusing('B', true)
      say(await outcome(channel.request({ value: 2 }, same)), await outcome(channel.open()))
      network.setRefusing('B', false)
      say(await channel.request({ value: 3 }, same), [...received])
    })
    expect(said).toEqual([['ECONNRESET false'], ['ECONNREFUSED true', 'ECONNREFUSED true'], [6, ['closed', 3]]])
  })

  it('that is closed rejects what waits, and tells the server', async () => {
    const said = await play(async ({ channel, received }, say) => {
      let lost = 0
      channel.onLost = () => {
        lost += 1
      }
      await channel.open()
      const waiting = outcome(channel.request({ value: 1, isLater: true }, same))
      channel.close()
      say(await waiting, lost)
      await new Promise((resolve) => setTimeout(resolve, 5))
      say([...received])
      say(await channel.request({ value: 2 }, same))
    })
    expect(said).toEqual([['CLOSED false', 1], [[1, 'closed']], [4]])
  })

  it('that is closed before it was open leaves nothing behind', async () => {
    const said = await play(async ({ channel, received }, say) => {
      const opening = outcome(channel.open())
      channel.close()
      say(await opening)
      await new Promise((resolve) => setTimeout(resolve, 5))
      say([...received])
    })
    expect(said).toEqual([['CLOSED true'], [[]]])
  })

  it('has errors that say which kind they are', () => {
    expect(new ConnectionError('ECONNRESET', false).message).toBe(
      'connection lost (ECONNRESET) before the reply: the request may have been applied',
    )
    expect(new ConnectionError('ECONNREFUSED', true).message).toBe('connect ECONNREFUSED')
  })
})
